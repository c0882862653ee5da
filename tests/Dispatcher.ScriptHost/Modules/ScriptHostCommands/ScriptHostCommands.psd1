# Stand-ins for commands that the bare engine lacks. The exports are listed one by one, so that
# command discovery can load the module in any runspace without looking into the assembly.
@{
    ModuleVersion     = '1.0.0'
    GUID              = '0b0b5c3e-7b1e-4a0c-8d0e-1f2f7f3a6d55'
    NestedModules     = '../../Dispatcher.ScriptHost.dll'
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport   = @()
    CmdletsToExport   = @(
        'Format-List'
        'Format-Table'
        'Get-ChildItem'
        'Get-Content'
        'Get-Date'
        'Get-FileHash'
        'Get-Item'
        'Get-Location'
        'Group-Object'
        'Join-Path'
        'Measure-Object'
        'New-Item'
        'Out-String'
        'Remove-Item'
        'Resolve-Path'
        'Select-Object'
        'Set-Content'
        'Set-Location'
        'Sort-Object'
        'Split-Path'
        'Start-Sleep'
        'Test-Path'
        'Write-Debug'
        'Write-Error'
        'Write-Host'
        'Write-Information'
        'Write-Output'
        'Write-Progress'
        'Write-Verbose'
        'Write-Warning'
    )
}
