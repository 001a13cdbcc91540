using System.CommandLine;
using CoreSrl.Cli.Commands;
using CoreSrl.Cli.Commands.Plugins;
using CoreSrl.Cli.Display;

var root = new RootCommand("Core SRL trains several models together by reinforcement learning and never loses what they learned.")
{
    TrainCommand.Create(),
    ListCommand.Create(),
    ShowCommand.Create(),
    CompareCommand.Create(),
    PlotCommand.Create(),
    VerifyCommand.Create(),
    ExportCommand.Create(),
    ServeCommand.Create(),
    SizeCommand.Create(),
    PruneCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    PluginsCommand.Create(),
    CompletionCommand.Create(),
};
HelpText.Use(root);
return await CommandRunner.RunAsync(root, args);
