using System.CommandLine;
using CoreSrl.Cli.Commands;
using CoreSrl.Cli.Display;

var root = new RootCommand("Core SRL trains several models together by reinforcement learning and never loses what they learned.")
{
    TrainCommand.Create(),
    ListCommand.Create(),
    ShowCommand.Create(),
    VerifyCommand.Create(),
    ExportCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    PruneCommand.Create(),
    CompletionCommand.Create(),
};
HelpText.Use(root);
return await CommandRunner.RunAsync(root, args);
