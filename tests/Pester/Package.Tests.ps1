# The package in artifacts/packages: what a user's session makes of it, and that the clients of the Gallery install it.

BeforeDiscovery {
    $package = Get-ChildItem (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'artifacts/packages') -Filter Dispatcher.*.nupkg -Recurse -ErrorAction SilentlyContinue |
        Sort-Object LastWriteTime | Select-Object -Last 1
    $unpacked = if (-not $package) { 'There is no package. Make it with: ./build.ps1 -Task Pack' }
    $resourceGet = if ($unpacked) {
        $unpacked
    }
    elseif (-not (Get-Module -ListAvailable Microsoft.PowerShell.PSResourceGet)) {
        'Microsoft.PowerShell.PSResourceGet is not installed.'
    }
    $ownHome = if ($resourceGet) {
        $resourceGet
    }
    elseif (-not ($IsLinux -or $IsMacOS)) {
        'Windows has no other place for the modules of a user than the real one.'
    }
    $powerShellGet = if ($unpacked) {
        $unpacked
    }
    elseif (-not (Get-Command Save-Module -ErrorAction SilentlyContinue)) {
        'PowerShellGet is not installed.'
    }
    elseif (-not (Get-PackageProvider NuGet -ListAvailable -ErrorAction SilentlyContinue)) {
        'PowerShellGet has no NuGet provider.'
    }
}

Describe 'The package' -Tag Slow {
    BeforeAll {
        . "$PSScriptRoot/Get-PowerShellCommand.ps1"
        $powershell = Get-PowerShellCommand
        Add-Type -AssemblyName System.IO.Compression.FileSystem
        $package = Get-ChildItem (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'artifacts/packages') -Filter Dispatcher.*.nupkg -Recurse -ErrorAction SilentlyContinue |
            Sort-Object LastWriteTime | Select-Object -Last 1

        # Each in a process of its own: a session keeps the assemblies that it has loaded.
        function Invoke-Session([string] $Script, [hashtable] $Variable = @{}) {
            $file = Join-Path $TestDrive 'session.ps1'
            $Script | Set-Content -LiteralPath $file -Encoding ascii
            $before = @{}
            foreach ($name in $Variable.Keys) {
                $before[$name] = [Environment]::GetEnvironmentVariable($name)
                [Environment]::SetEnvironmentVariable($name, $Variable[$name])
            }
            try {
                & $powershell.Program $powershell.Arguments -NoProfile -NonInteractive -File $file
                if ($LASTEXITCODE) { throw "The session ended with exit code $LASTEXITCODE." }
            }
            finally {
                foreach ($name in $before.Keys) {
                    [Environment]::SetEnvironmentVariable($name, $before[$name])
                }
            }
        }

        # An empty home: a session finds and leaves nothing in the user's own, except on Windows.
        function Initialize-UserHome([string] $Name) {
            $path = (New-Item (Join-Path $TestDrive $Name) -ItemType Directory).FullName
            @{ HOME = $path; XDG_DATA_HOME = ''; XDG_CONFIG_HOME = ''; XDG_CACHE_HOME = '' }
        }

        # A folder as a repository, with the package and a copy of it that has an older version.
        function Initialize-Feed([string] $Path) {
            $null = New-Item $Path -ItemType Directory
            Copy-Item -LiteralPath $package.FullName -Destination $Path
            $older = Join-Path $Path 'Dispatcher.0.0.9.nupkg'
            Copy-Item -LiteralPath $package.FullName -Destination $older
            $archive = [IO.Compression.ZipFile]::Open($older, 'Update')
            foreach ($name in 'Dispatcher.nuspec', 'Dispatcher.psd1') {
                $entry = $archive.GetEntry($name)
                $reader = [IO.StreamReader]::new($entry.Open())
                $text = $reader.ReadToEnd() -replace '(?<=<version>|ModuleVersion\s*=\s*'')[\d.]+', '0.0.9'
                $reader.Dispose()
                $entry.Delete()
                $writer = [IO.StreamWriter]::new($archive.CreateEntry($name).Open())
                $writer.Write($text)
                $writer.Dispose()
            }
            $archive.Dispose()
        }

        $version = if ($package) { $package.BaseName -replace '^Dispatcher\.' }
        $run = '(1..3 | Invoke-DispatchTask { $_ * 10 } -Ordered) -join '',''; (Get-Module Dispatcher).Version.ToString()'
    }

    It 'has a manifest that is data, and valid' -ForEach @{ reason = $unpacked } {
        if ($reason) { Set-ItResult -Skipped -Because $reason }
        $folder = Join-Path $TestDrive 'unpacked/Dispatcher'
        [IO.Compression.ZipFile]::ExtractToDirectory($package.FullName, $folder)
        $data = Import-PowerShellDataFile (Join-Path $folder 'Dispatcher.psd1')
        $data.ModuleVersion | Should -Be $version
        $module = Test-ModuleManifest (Join-Path $folder 'Dispatcher.psd1')
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
        $module.CompatiblePSEditions | Should -Be 'Core', 'Desktop'
        $module.ProjectUri, $module.LicenseUri | Should -BeLike 'https://*'
        $module.ReleaseNotes | Should -BeLike 'https://*'
    }

    It 'is found and saved by PSResourceGet' -ForEach @{ reason = $resourceGet } {
        if ($reason) { Set-ItResult -Skipped -Because $reason }
        $feed = Join-Path $TestDrive 'feed'
        Initialize-Feed $feed
        $saved = (New-Item (Join-Path $TestDrive 'saved') -ItemType Directory).FullName
        $out = Invoke-Session -Variable (Initialize-UserHome 'home1') @"
`$ErrorActionPreference = 'Stop'
`$name = 'dispatcher-' + [guid]::NewGuid()
Register-PSResourceRepository `$name -Uri '$feed' -Trusted
try {
    `$found = Find-PSResource Dispatcher -Repository `$name
    `$found.Name, `$found.Version, `$found.Author, `$found.LicenseUri -join '|'
    Save-PSResource Dispatcher -Repository `$name -Path '$saved'
}
finally {
    Unregister-PSResourceRepository `$name
}
Import-Module '$saved/Dispatcher'
$run
"@
        $out[0] | Should -BeLike "Dispatcher|$version|The Dispatcher contributors|https://*"
        $out[1] | Should -Be '10,20,30'
        $out[2] | Should -Be $version
    }

    It 'is installed, updated and uninstalled by PSResourceGet' -ForEach @{ reason = $ownHome } {
        if ($reason) { Set-ItResult -Skipped -Because $reason }
        $feed = Join-Path $TestDrive 'feed2'
        Initialize-Feed $feed
        $modules = [IO.Path]::GetFullPath((Split-Path (Get-Module -ListAvailable Microsoft.PowerShell.PSResourceGet)[0].ModuleBase))
        $session = Initialize-UserHome 'home'
        $session.PSModulePath = $modules
        $out = Invoke-Session -Variable $session @"
`$ErrorActionPreference = 'Stop'
Register-PSResourceRepository local -Uri '$feed' -Trusted
Install-PSResource Dispatcher -Version 0.0.9 -Repository local
(Get-InstalledPSResource Dispatcher).Version -join ','
Update-PSResource Dispatcher -Repository local
(Get-InstalledPSResource Dispatcher).Version -join ','
"@
        $out[0] | Should -Be '0.0.9'
        $out[1] -split ',' | Sort-Object | Should -Be '0.0.9', $version

        # Nothing is imported here: the module is found by its name, as at a prompt.
        $out = Invoke-Session -Variable $session @'
$ErrorActionPreference = 'Stop'
"commands $((Get-Command -Module Dispatcher).Count)"
"help $((Get-Help Send-DispatchTask).Synopsis)"
"topic $((Get-Help about_Dispatcher | Out-String).Length)"
$line = 'Invoke-Dispatch'
"completed $((TabExpansion2 $line $line.Length).CompletionMatches.CompletionText -join ',')"
$dispatcher = New-Dispatcher consumer -MaxWorkers 2
Start-Dispatcher consumer
"received $((1..3 | Send-DispatchTask { $_ * 10 } | Receive-DispatchTask -Wait -Ordered) -join ',')"
$line = 'Stop-Dispatcher '
"completed $((TabExpansion2 $line $line.Length).CompletionMatches.CompletionText -join ',')"
$last = 1..20 | Send-DispatchTask { $_ }
Stop-Dispatcher consumer -Drain
"drained $($dispatcher.Status) $(@($last | Where-Object State -EQ Completed).Count)"
Remove-Dispatcher consumer
"invoked $((1..3 | Invoke-DispatchTask { $_ * 10 } -Ordered) -join ',')"
"version $((Get-Module Dispatcher).Version)"
"build $((Get-Module Dispatcher).PrivateData.Build)"
"base $((Get-Module Dispatcher).ModuleBase)"
'@
        $out[0] | Should -Be 'commands 16'
        $out[1] | Should -Match '^help [A-Z].+\.$'
        [int] ($out[2] -replace '\D') | Should -BeGreaterThan 5000
        $out[3..6] | Should -Be 'completed Invoke-DispatchTask', 'received 10,20,30', 'completed consumer', 'drained Stopped 20'
        $out[7..8] | Should -Be 'invoked 10,20,30', "version $version"
        $system = "$(if ($IsMacOS) { 'osx' } else { 'linux' })-$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)".ToLowerInvariant()
        $out[9] | Should -Be "build $(if ([Environment]::Version.Major -ge 10) { $system } else { 'net8.0' })"
        $out[10] | Should -BeLike "base $($session.HOME)*"

        $out = Invoke-Session -Variable $session @"
`$ErrorActionPreference = 'Stop'
Uninstall-PSResource Dispatcher -Version '*'
@(Get-InstalledPSResource Dispatcher -ErrorAction Ignore).Count
@(Get-Module -ListAvailable Dispatcher).Count
[bool] (Get-Command New-Dispatcher -ErrorAction Ignore)
"@
        $out | Should -Be '0', '0', 'False'
        Get-ChildItem $session.HOME -Recurse -Force | Where-Object FullName -Match 'Dispatch' | Should -BeNullOrEmpty
    }

    It 'is found and saved by PowerShellGet' -ForEach @{ reason = $powerShellGet } {
        if ($reason) { Set-ItResult -Skipped -Because $reason }
        $feed = Join-Path $TestDrive 'feed3'
        Initialize-Feed $feed
        $saved = (New-Item (Join-Path $TestDrive 'saved3') -ItemType Directory).FullName
        $out = Invoke-Session -Variable (Initialize-UserHome 'home3') @"
`$ErrorActionPreference = 'Stop'
`$name = 'dispatcher-' + [guid]::NewGuid()
Register-PSRepository `$name -SourceLocation '$feed' -InstallationPolicy Trusted
try {
    (Find-Module Dispatcher -Repository `$name).Version.ToString()
    Save-Module Dispatcher -Repository `$name -Path '$saved'
}
finally {
    Unregister-PSRepository `$name
}
Import-Module '$saved/Dispatcher'
$run
"@
        $out[0] | Should -Be $version
        $out[1] | Should -Be '10,20,30'
        $out[2] | Should -Be $version
    }
}
