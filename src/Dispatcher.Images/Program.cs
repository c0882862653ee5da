using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.PortableExecutable;
using Dispatching.Images;

// Arguments: the folder to write to, the profile to write, a file with the names of the types to leave out, the assemblies.
(string folder, string profile, string leftOut) = (args[0], args[1], args[2]);
string[] assemblies = args[3..];

// Files are named as their types are; one with a part of a type, or with a generic one, has more after a dot or a brace.
HashSet<string> types = [.. File.ReadLines(leftOut).Select(name => name.Split('.', '{')[0])];
Profile.Write(profile, assemblies, types);
foreach (string assembly in assemblies)
{
    File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(assembly)), WithoutSymbols(assembly));
}

// The portable build beside the images has them, and the compiler would copy them.
static byte[] WithoutSymbols(string assembly)
{
    const int directoriesOfPE32 = 96;
    const int debugDirectory = 6;
    byte[] content = File.ReadAllBytes(assembly);
    using var reader = new PEReader(new MemoryStream(content));
    int start = reader.PEHeaders.PEHeaderStartOffset + directoriesOfPE32 + (debugDirectory * 2 * sizeof(int));
    content.AsSpan(start, 2 * sizeof(int)).Clear();
    return content;
}
