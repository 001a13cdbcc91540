using System.CommandLine;
using CoreSrl.Cli.Commands;

var root = new RootCommand("Core SRL trains several models together by reinforcement learning and never loses what they learned.")
{
    TrainCommand.Create(),
    ListCommand.Create(),
    ShowCommand.Create(),
    VerifyCommand.Create(),
    ExportCommand.Create(),
    CompareCommand.Create(),
    PlotCommand.Create(),
    SizeCommand.Create(),
};
return await CommandRunner.RunAsync(root, args);
