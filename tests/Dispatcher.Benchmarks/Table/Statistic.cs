using System;
using System.Collections.Generic;
using System.Linq;

namespace Dispatching.Benchmarks;

internal static class Statistic
{
    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>Runs several measurements in turns, so that a drift of the machine's speed meets all alike, and returns their medians.</summary>
    internal static double[] Medians(int warmUp, int rounds, params Func<double>[] measurements)
    {
        List<double>[] values = [.. measurements.Select(_ => new List<double>())];
        for (int round = 0; round < warmUp + rounds; round++)
        {
            for (int i = 0; i < measurements.Length; i++)
            {
                double value = measurements[i]();
                if (round >= warmUp)
                {
                    values[i].Add(value);
                }
            }
        }

        return [.. values.Select(Median)];
    }
}
