# How to start the PowerShell that runs this: its program, and what stands before all other arguments. A .NET tool has no
# program of its own: "dotnet" runs its pwsh.dll.
function Get-PowerShellCommand {
    $program = (Get-Process -Id $PID).Path
    $isTool = [IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet'
    [pscustomobject] @{
        Program   = $program
        Arguments = [string[]] $(if ($isTool) { Join-Path $PSHOME 'pwsh.dll' } else { @() })
    }
}
