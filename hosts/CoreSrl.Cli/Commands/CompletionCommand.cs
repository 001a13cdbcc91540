using System.CommandLine;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl completion SHELL</c>: a script that makes a shell ask this program how a line can go on.</summary>
/// <remarks>The scripts use System.CommandLine's directive <c>[suggest:POSITION] "LINE"</c>, which prints one completion a line.</remarks>
internal static class CompletionCommand
{
    private const string Bash = """
        # Completes srl in bash. Put this line into ~/.bashrc:
        #     source <(srl completion bash)
        _srl_complete() {
            local typed=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} IFS=$'\n'
            local line="srl${COMP_LINE:${#typed}}" position=$((COMP_POINT - ${#typed} + 3))
            COMPREPLY=($(compgen -W "$("$typed" "[suggest:$position]" "$line" 2>/dev/null)" -- "$word"))
        }
        complete -o default -o nosort -F _srl_complete srl

        """;

    private const string Zsh = """
        # Completes srl in zsh. Put this line into ~/.zshrc, after compinit:
        #     source <(srl completion zsh)
        _srl_complete() {
            local line="srl ${(j: :)words[2,CURRENT]}"
            local -a found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -V srl -- "${(@)found:#}" || _files
        }
        compdef _srl_complete srl

        """;

    private const string PowerShell = """
        # Completes srl in PowerShell. Put this line into $PROFILE:
        #     srl completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName srl -ScriptBlock {
            param($word, $line, $position)
            srl "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }

        """;

    public static Command Create()
    {
        var command = new Command("completion", "Print a script that completes commands, options and checkpoint ids in your shell.");
        var shell = new Argument<string>("shell") { Description = "bash, zsh or pwsh." }.AcceptOnlyFromAmong("bash", "zsh", "pwsh");
        command.Arguments.Add(shell);
        command.SetAction(parsed => Console.Write(parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => PowerShell }));
        return command;
    }
}
