# What Get-Help finds, and every example of it: run, and compared with what it shows. The code of the about topics is run
# as well. What calls something that this machine does not have is skipped, and says what is missing. The hosts of the
# examples are an SSH server of the tests, where there can be one, whatever their names.

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'Import-StagedModule.ps1')
    . (Join-Path $PSScriptRoot 'Start-SshServer.ps1')
    $noProcess = if ($PSVersionTable.PSVersion -lt '7.4') { 'PowerShell 7.4, for other processes' }
    $noHost = if ($noProcess) { $noProcess } elseif (Get-SshSkipReason) { 'an SSH server' }
    $folder = Join-Path (Get-Module Dispatcher).ModuleBase 'en-US'
    $names = @{ command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'; maml = 'http://schemas.microsoft.com/maml/2004/10'; dev = 'http://schemas.microsoft.com/maml/dev/2004/10' }

    # What the code calls and there is not here.
    function Get-Missing([string] $Code) {
        $ast = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $null)
        $calls = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
        $own = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true).Name
        foreach ($call in $calls) {
            $elements = $call.CommandElements
            $needed = @($call.GetCommandName())
            for ($i = 1; $i -lt $elements.Count; $i++) {
                if ("$($elements[$i])" -eq '-Parallel' -and -not (Get-Command ForEach-Object).Parameters.ContainsKey('Parallel')) { '-Parallel of ForEach-Object' }
                if ("$($elements[$i])" -eq '-Isolation') { $noProcess }
                if ("$($elements[$i])" -eq '-HostName') { $noHost }
                if ("$($elements[$i])" -eq '-FilePath' -and $elements[$i + 1] -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $needed += $elements[$i + 1].Value }
            }
            $needed | Where-Object { $_ -and $_ -notin $own -and -not (Get-Command $_ -ErrorAction Ignore) }
        }
    }

    # The commands in it that connect to hosts.
    function Get-Connecting([string] $Code) {
        $ast = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $null)
        $calls = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
        $calls | Where-Object { "$($_.CommandElements)" -match ' -HostName ' -and $_.GetCommandName() -notmatch '^S' } | ForEach-Object { $_.GetCommandName() } | Select-Object -Unique
    }

    $help = [xml] [IO.File]::ReadAllText((Join-Path $folder 'Dispatcher.PowerShell.dll-Help.xml'))
    $cmdlets = @(Select-Xml -Xml $help -XPath '//command:details/command:name' -Namespace $names | ForEach-Object { $_.Node.InnerText })
    $examples = foreach ($cmdlet in Select-Xml -Xml $help -XPath '/*/command:command' -Namespace $names) {
        $name = (Select-Xml -Xml $cmdlet.Node -XPath 'command:details/command:name' -Namespace $names).Node.InnerText
        $number = 0
        foreach ($example in Select-Xml -Xml $cmdlet.Node -XPath 'command:examples/command:example' -Namespace $names) {
            $number++
            $code = (Select-Xml -Xml $example.Node -XPath 'dev:code' -Namespace $names).Node.InnerText
            $shown = Select-Xml -Xml $example.Node -XPath 'dev:remarks/maml:para' -Namespace $names | ForEach-Object { $_.Node.InnerText } | Where-Object { $_.StartsWith("Output:`n") }
            @{ Name = "$name, example $number"; Code = $code; Shown = if ($shown) { "$shown".Substring(8) -split "`n" } else { $null }; Missing = @(Get-Missing $code); Connecting = @(Get-Connecting $code) }
        }
    }

    $topics = @(Get-ChildItem $folder -Filter 'about_*.help.txt' | ForEach-Object { $_.Name -replace '\.help\.txt$' })
    $blocks = foreach ($topic in $topics) {
        $number = 0
        $title = $before = ''
        foreach ($block in ([IO.File]::ReadAllText((Join-Path $folder "$topic.help.txt")) -split "`r?`n`r?`n")) {
            if ($block -match '^ {8}\S') {
                $number++
                $code = $block -replace '(?m)^ {8}'
                if ($title -eq 'Before:') { $before = $code }
                @{ Name = "$topic, code $number"; Code = $code; Before = if ($title -eq 'After:') { $before }; MissingBefore = if ($title -eq 'After:') { @(Get-Missing $before) }; Missing = @(Get-Missing $code); Connecting = @(Get-Connecting $code) }
                $title = ''
            }
            else {
                $title = $block.Trim()
            }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
    . "$PSScriptRoot/Start-SshServer.ps1"

    if ($PSVersionTable.PSVersion -ge '7.4' -and -not (Get-SshSkipReason)) {
        $server = Start-SshServer
    }

    # Runs code as a script, in an empty folder, and returns what it prints. Errors are errors, and nothing may be left.
    function Invoke-Example([string] $Code, [string[]] $Connecting) {
        $PSDefaultParameterValues = @{ }
        foreach ($name in $Connecting) {
            $options = if ($name -eq 'New-PSSession') { 'Options' } else { 'SSHOption' }
            $PSDefaultParameterValues["${name}:Port"] = $server.Port
            $PSDefaultParameterValues["${name}:UserName"] = $server.UserName
            $PSDefaultParameterValues["${name}:KeyFilePath"] = $server.KeyFilePath
            $PSDefaultParameterValues["${name}:$options"] = $server.Options + @{ HostName = $server.HostName }
        }

        $kept = $env:TMPDIR, $env:TMP, $env:TEMP
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $jobs = @(Get-Job).Count
        Push-Location $folder
        try {
            $env:TMPDIR = $env:TMP = $env:TEMP = $folder
            $written = & { & ([scriptblock]::Create($args[0])) } $Code 2>&1
        }
        finally {
            Pop-Location
            $env:TMPDIR, $env:TMP, $env:TEMP = $kept
            $left = @(Get-Dispatcher).Name
            Get-Dispatcher | Remove-Dispatcher -Force
        }
        $written | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
        $left | Should -BeNullOrEmpty
        @(Get-Job).Count | Should -Be $jobs
        # A worker process that had to be killed, and its files, go a moment after its task has ended.
        $null = [System.Threading.SpinWait]::SpinUntil({ -not (Get-ChildItem $folder) }, 10000)
        Get-ChildItem $folder | Should -BeNullOrEmpty
        @(($written | Out-String -Width 100).Trim("`r", "`n") -split "`r?`n" | ForEach-Object { $_.TrimEnd() })
    }
}

AfterAll {
    Get-Dispatcher | Remove-Dispatcher -Force
    if ($server) { $server.Dispose() }
}

Describe 'Get-Help' {
    It 'shows the help of <_>' -ForEach $cmdlets {
        $text = Get-Help $_ -Full | Out-String
        $text | Should -Match 'Example 3: '
        $text | Should -Match 'about_Dispatcher'
        (Get-Help $_).Synopsis | Should -Match '\.$'
        @(Get-Help $_ -Parameter *).Count | Should -BeGreaterThan 0
    }

    It 'mentions commands that there are' {
        $folder = Join-Path (Get-Module Dispatcher).ModuleBase 'en-US'
        $text = (Get-ChildItem $folder -File | ForEach-Object { [IO.File]::ReadAllText($_.FullName) }) -join ' '
        $commands = [regex]::Matches($text, '(?<![\w-])[A-Z][a-z]+-[A-Z][A-Za-z]+\b').Value | Sort-Object -Unique
        $commands.Count | Should -BeGreaterThan 30
        # Those of other modules that the migration is from are not installed everywhere, nor is the function of an example. Retry-After is a header.
        $commands | Where-Object { $_ -notmatch '-RSJob$|-ThreadJob$|^ConvertTo-Label$|^Retry-After$' -and -not (Get-Command $_ -ErrorAction Ignore) } | Should -BeNullOrEmpty
    }

    It 'shows the topic <_>' -ForEach $topics {
        Get-Help $_ | Out-String | Should -Match "TOPIC\s+$_\s"
        (Get-Help about_Disp*).Name | Should -Contain $_
    }
}

Describe 'The examples of the help' -Tag Slow {
    It 'has many of them' -ForEach @{ Count = @($examples).Count; Running = @($examples | Where-Object { -not $_.Missing }).Count } {
        $Count | Should -BeGreaterOrEqual 36
        $Running | Should -BeGreaterOrEqual 30
    }

    It '<Name> prints what it shows' -ForEach $examples {
        if ($Missing) { Set-ItResult -Skipped -Because "this is not here: $($Missing -join ', ')" }
        $printed = Invoke-Example $Code $Connecting
        if ($null -ne $Shown) { $printed | Should -Be $Shown }
    }
}

Describe 'The code of the topics' -Tag Slow {
    It '<Name> runs' -ForEach $blocks {
        if ($Missing) { Set-ItResult -Skipped -Because "this is not here: $($Missing -join ', ')" }
        $null = Invoke-Example $Code $Connecting
    }

    It '<Name> prints what the code before it prints' -ForEach @($blocks | Where-Object { $_.Before }) {
        $lacking = @($Missing) + $MissingBefore | Where-Object { $_ } | Sort-Object -Unique
        if ($lacking) { Set-ItResult -Skipped -Because "this is not here: $($lacking -join ', ')" }
        Invoke-Example $Code | Sort-Object | Should -Be (Invoke-Example $Before | Sort-Object)
    }
}
