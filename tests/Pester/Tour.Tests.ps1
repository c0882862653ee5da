# .github/images/tour.svg is of the README's tour as it is now. Where this fails: .github/images/Update-Tour.ps1

Describe 'The picture of the tour' {
    It 'shows every line of the tour' {
        $root = Split-Path (Split-Path $PSScriptRoot)
        $readme = (Get-Content -Raw -LiteralPath (Join-Path $root 'README.md')) -replace '\r'
        $tour = [regex]::Match($readme, '(?s)\n## A tour\n.*?```powershell\n(.*?)\n```').Groups[1].Value
        $picture = [xml] (Get-Content -Raw -LiteralPath (Join-Path $root '.github/images/tour.svg'))
        # Spaces between the pieces of a line, and where it is broken, are not text of the picture.
        $shown = -join ($picture.SelectNodes('//*[local-name() = "text"]') | ForEach-Object { $_.InnerText -replace '\s' })
        $lines = $tour -split '\n' | ForEach-Object { $_ -replace '\s' } | Where-Object { $_ }
        $lines.Count | Should -BeGreaterThan 10
        $lines | Where-Object { -not $shown.Contains($_) } | Should -BeNullOrEmpty
    }

    It 'names no place of the machine it was drawn on' {
        $picture = Get-Content -Raw -LiteralPath (Join-Path (Split-Path (Split-Path $PSScriptRoot)) '.github/images/tour.svg')
        $picture | Should -Not -Match '(?:/tmp/|/root\b|/home/|/Users/|\\Users\\|\btour-[0-9a-f]{8})'
    }
}
