@{
    RootModule           = 'Dispatcher.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '6f0d2a0e-5b53-4f0c-9d0f-0f6c2f6c9a41'
    Author               = 'The Dispatcher contributors'
    CompanyName          = 'The Dispatcher contributors'
    Copyright            = '(c) 2026 The Dispatcher contributors. MIT licence.'
    Description          = 'Runs script blocks and executables as tasks on an elastic pool of workers behind a bounded queue. Each task has a timeout that really ends it, and a drain loses nothing.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Core', 'Desktop')
    FormatsToProcess     = @('Dispatcher.Format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Get-Dispatcher'
        'Get-DispatchJournal'
        'Get-DispatchTask'
        'Invoke-DispatchTask'
        'New-Dispatcher'
        'Receive-DispatchTask'
        'Remove-Dispatcher'
        'Remove-DispatchJournalEntry'
        'Resume-Dispatcher'
        'Send-DispatchTask'
        'Set-Dispatcher'
        'Start-Dispatcher'
        'Stop-Dispatcher'
        'Stop-DispatchTask'
        'Suspend-Dispatcher'
        'Wait-DispatchTask'
    )
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('parallel', 'jobs', 'queue', 'timeout', 'runspace', 'threadpool', 'PSEdition_Core', 'PSEdition_Desktop', 'Windows', 'Linux', 'MacOS')
            ProjectUri   = 'https://github.com/dispatcher-ps/Dispatcher'
            LicenseUri   = 'https://github.com/dispatcher-ps/Dispatcher/blob/main/LICENSE'
            ReleaseNotes = 'https://github.com/dispatcher-ps/Dispatcher/blob/main/CHANGELOG.md'
        }
    }
}
