<#
.SYNOPSIS
    Makes tour.svg: the README's tour as a terminal shows it.
.DESCRIPTION
    Runs the first code block of the README's section "A tour" on the staged module, statement by statement as at a
    prompt, and draws what was typed and what came back, colours included. Nothing of it is made up; blank lines around
    output are left out, and the folder that it runs in, a temporary one with a few archives, is shown as ~/tour.
.PARAMETER Width
    Columns of the terminal.
.EXAMPLE
    pwsh -NoProfile -File .github/images/Update-Tour.ps1
#>
#Requires -Version 7.2
[CmdletBinding()]
param(
    [ValidateRange(40, 400)]
    [int] $Width = 110
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$colors = @{
    Background = '#0d1117'
    Text       = '#d4d4d4'
    # Black, red, green, yellow, blue, magenta, cyan, white; then the same, bright.
    Palette    = @('#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4',
        '#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#f0f6fc')
}

function Get-TourStatement([string] $Readme) {
    $code = [regex]::Match($Readme, '(?s)\n## A tour\n.*?```powershell\n(.*?)\n```').Groups[1].Value
    if (-not $code) { throw 'The README has no code block in a section "A tour".' }
    $end = 0
    foreach ($statement in [Management.Automation.Language.Parser]::ParseInput($code, [ref] $null, [ref] $null).EndBlock.Statements) {
        # What stands before a statement are the comments on it.
        [pscustomobject] @{
            Lead = $code.Substring($end, $statement.Extent.StartOffset - $end).Trim()
            Text = $statement.Extent.Text
        }
        $end = $statement.Extent.EndOffset
    }
}

# As PSReadLine colours what is typed.
function Add-InputColor([string] $Code) {
    $tokens = $null
    $null = [Management.Automation.Language.Parser]::ParseInput($Code, [ref] $tokens, [ref] $null)
    $result = [Text.StringBuilder]::new()
    $end = 0
    foreach ($token in $tokens) {
        if ($token.Kind -eq 'EndOfInput' -or $token.Extent.StartOffset -lt $end) { continue }
        $color = switch ($token) {
            { $_.Kind -eq 'Comment' } { '32'; break }
            { $_.Kind -in 'Variable', 'SplattedVariable' } { '92'; break }
            { $_.Kind -eq 'Parameter' } { '90'; break }
            { $_.Kind -eq 'Number' } { '97'; break }
            { $_.Kind -like '*String*' } { '36'; break }
            { $_.TokenFlags -band 'CommandName' } { '93'; break }
            { $_.TokenFlags -band 'Keyword' } { '92'; break }
            { $_.TokenFlags -band 'TypeName' } { '37'; break }
        }
        $null = $result.Append($Code.Substring($end, $token.Extent.StartOffset - $end))
        $null = if ($color) { $result.Append("`e[${color}m$($token.Extent.Text)`e[0m") } else { $result.Append($token.Extent.Text) }
        $end = $token.Extent.EndOffset
    }
    $result.Append($Code.Substring($end)).ToString()
}

# A text with escape sequences as pieces of one look each.
function ConvertFrom-AnsiText([string] $Line) {
    $look = @{ Color = $null; Back = $null; Bold = $false; Italic = $false; Underline = $false; Inverse = $false }
    foreach ($part in [regex]::Matches($Line, "`e\[(?<codes>[\d;]*)m|`e\][^\a`e]*(?:\a|`e\\)|`e\[[\d;?]*[A-Za-z]|(?<text>[^`e]+)")) {
        if ($part.Groups['text'].Success) {
            [pscustomobject] ($look + @{ Text = $part.Value })
        }
        elseif ($part.Groups['codes'].Success) {
            $codes = [Collections.Generic.Queue[int]]::new([int[]] @($part.Groups['codes'].Value -split ';' | ForEach-Object { [int] ('0' + $_) }))
            while ($codes.Count) {
                $code = $codes.Dequeue()
                switch ($code) {
                    0 { $look = @{ Color = $null; Back = $null; Bold = $false; Italic = $false; Underline = $false; Inverse = $false } }
                    1 { $look.Bold = $true }
                    3 { $look.Italic = $true }
                    4 { $look.Underline = $true }
                    7 { $look.Inverse = $true }
                    22 { $look.Bold = $false }
                    23 { $look.Italic = $false }
                    24 { $look.Underline = $false }
                    27 { $look.Inverse = $false }
                    { $_ -in 30..37 } { $look.Color = $colors.Palette[$code - 30] }
                    { $_ -in 90..97 } { $look.Color = $colors.Palette[$code - 82] }
                    { $_ -in 40..47 } { $look.Back = $colors.Palette[$code - 40] }
                    { $_ -in 100..107 } { $look.Back = $colors.Palette[$code - 92] }
                    39 { $look.Color = $null }
                    49 { $look.Back = $null }
                    { $_ -in 38, 48 } {
                        $key = if ($code -eq 38) { 'Color' } else { 'Back' }
                        $look[$key] = Get-ExtendedColor $codes
                    }
                }
            }
        }
    }
}

# 2;red;green;blue, or 5;number of one of 256.
function Get-ExtendedColor([Collections.Generic.Queue[int]] $Codes) {
    if ($Codes.Dequeue() -eq 2) {
        return '#{0:x2}{1:x2}{2:x2}' -f $Codes.Dequeue(), $Codes.Dequeue(), $Codes.Dequeue()
    }
    $number = $Codes.Dequeue()
    if ($number -lt 16) { return $colors.Palette[$number] }
    if ($number -ge 232) { return '#{0:x2}{0:x2}{0:x2}' -f (8 + ($number - 232) * 10) }
    $levels = 0, 95, 135, 175, 215, 255
    $number -= 16
    '#{0:x2}{1:x2}{2:x2}' -f $levels[[Math]::Floor($number / 36)], $levels[[Math]::Floor($number / 6) % 6], $levels[$number % 6]
}

# Pieces as lines of no more than so many columns, the way a terminal breaks them.
function Split-Line([object[]] $Piece, [int] $Columns) {
    $line = [Collections.Generic.List[object]]::new()
    $used = 0
    foreach ($one in $Piece) {
        $rest = $one.Text
        while ($rest) {
            if ($used -ge $Columns) {
                , $line.ToArray()
                $line.Clear()
                $used = 0
            }
            $now = $rest.Substring(0, [Math]::Min($rest.Length, $Columns - $used))
            $copy = $one.psobject.Copy()
            $copy.Text = $now
            $line.Add($copy)
            $used += $now.Length
            $rest = $rest.Substring($now.Length)
        }
    }
    , $line.ToArray()
}

function ConvertTo-Svg([string[]] $Line, [int] $Columns) {
    $characterWidth = 8.4
    $lineHeight = 19
    $margin = 18
    $bar = 34
    $rows = @(foreach ($one in $Line) { Split-Line @(ConvertFrom-AnsiText $one) $Columns })
    $imageWidth = [Math]::Ceiling($Columns * $characterWidth + 2 * $margin)
    $imageHeight = $bar + $rows.Count * $lineHeight + $margin
    "<svg xmlns=""http://www.w3.org/2000/svg"" width=""$imageWidth"" height=""$imageHeight"" viewBox=""0 0 $imageWidth $imageHeight"" role=""img"">"
    '  <title>The tour of the README in a terminal: what is typed, and what comes back</title>'
    "  <rect width=""$imageWidth"" height=""$imageHeight"" rx=""10"" fill=""$($colors.Background)""/>"
    '  <circle cx="22" cy="18" r="6" fill="#ff5f56"/><circle cx="42" cy="18" r="6" fill="#ffbd2e"/><circle cx="62" cy="18" r="6" fill="#27c93f"/>'
    "  <g font-family=""ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"" font-size=""14"" fill=""$($colors.Text)"" xml:space=""preserve"" style=""white-space: pre"">"
    $y = $bar + 14
    foreach ($row in $rows) {
        $x = $margin
        $backs = ''
        $spans = ''
        foreach ($piece in $row) {
            $color, $back = $piece.Color, $piece.Back
            if ($piece.Inverse) {
                $color = if ($piece.Back) { $piece.Back } else { $colors.Background }
                $back = if ($piece.Color) { $piece.Color } else { $colors.Text }
            }
            $length = [Math]::Round($piece.Text.Length * $characterWidth, 1)
            if ($back) {
                $backs += "<rect x=""$x"" y=""$($y - 14)"" width=""$length"" height=""$lineHeight"" fill=""$back""/>"
            }
            if ($piece.Text.Trim()) {
                $style = ''
                if ($color) { $style += " fill=""$color""" }
                if ($piece.Bold) { $style += ' font-weight="bold"' }
                if ($piece.Italic) { $style += ' font-style="italic"' }
                if ($piece.Underline) { $style += ' text-decoration="underline"' }
                # The length keeps columns in line in whatever font there is.
                $spans += "<text x=""$x"" y=""$y"" textLength=""$length""$style>$([Security.SecurityElement]::Escape($piece.Text))</text>"
            }
            $x = [Math]::Round($x + $length, 1)
        }
        if ($backs -or $spans) { "    $backs$spans" }
        $y += $lineHeight
    }
    '  </g>'
    '</svg>'
}

$repository = Split-Path (Split-Path $PSScriptRoot)
$manifest = Get-ChildItem (Join-Path $repository 'artifacts/modules/Dispatcher/*/Dispatcher.psd1') |
    Sort-Object { [version] $_.Directory.Name } | Select-Object -Last 1
if (-not $manifest) { throw 'There is no staged module. Build first: dotnet build' }
Import-Module $manifest.FullName

$folder = Join-Path ([IO.Path]::GetTempPath()) ('tour-' + [guid]::NewGuid().ToString('n').Substring(0, 8))
$null = New-Item $folder -ItemType Directory
Push-Location $folder
$screen = [Collections.Generic.List[string]]::new()
$before = $PSStyle.OutputRendering
try {
    foreach ($name in 'logs', 'photos') {
        Set-Content "$name.txt" $name
        tar -cf "$name.tar" "$name.txt"
    }

    $PSStyle.OutputRendering = 'Ansi'
    $ProgressPreference = 'SilentlyContinue'
    $readme = (Get-Content -Raw -LiteralPath (Join-Path $repository 'README.md')) -replace '\r'
    foreach ($statement in Get-TourStatement $readme) {
        if ($statement.Lead) {
            if ($screen.Count) { $screen.Add('') }
            foreach ($line in $statement.Lead -split '\r?\n') { $screen.Add((Add-InputColor $line)) }
        }
        $prompt = 'PS> '
        foreach ($line in (Add-InputColor $statement.Text) -split '\r?\n') {
            $screen.Add($prompt + $line)
            $prompt = '>>> '
        }
        # Like at a prompt: in this scope, going on after errors, each stream as the host would show it.
        Set-StrictMode -Off
        $ErrorActionPreference = 'Continue'
        $output = try {
            . ([scriptblock]::Create($statement.Text)) *>&1 | Out-String -Width $Width
        }
        catch {
            $_ | Out-String -Width $Width
        }
        $ErrorActionPreference = 'Stop'
        Set-StrictMode -Version 3.0
        $shown = "$output".Replace($folder, '~/tour').TrimEnd() -replace '^(?:\s*\r?\n)+'
        if ($shown) { $screen.AddRange([string[]] ($shown -split '\r?\n')) }
    }
}
finally {
    $PSStyle.OutputRendering = $before
    Get-Dispatcher | Remove-Dispatcher -Force
    Pop-Location
    Remove-Item $folder -Recurse -Force
}

$picture = Join-Path $PSScriptRoot 'tour.svg'
[IO.File]::WriteAllText($picture, ((ConvertTo-Svg $screen $Width) -join "`n") + "`n")
$picture
