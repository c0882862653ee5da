# Apart from Dispatcher.psd1, since the engine reads the types of a manifest before its root module, and these call into it.
@{
    ModuleVersion     = '1.0'
    GUID              = 'b0d4f6a2-94f1-4c0e-8a3d-6f7a2b1f5c9e'
    TypesToProcess    = @('Dispatcher.Types.ps1xml')
    FunctionsToExport = @()
    CmdletsToExport   = @()
    VariablesToExport = @()
    AliasesToExport   = @()
}
