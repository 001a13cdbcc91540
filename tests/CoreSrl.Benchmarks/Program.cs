using System.CommandLine;
using CoreSrl.Benchmarks.Checkpoint;
using CoreSrl.Benchmarks.Language;
using CoreSrl.Benchmarks.Storages;
using CoreSrl.Benchmarks.Training;

var root = new RootCommand("Measures Core SRL. Whole runs are timed; read numbers of one invocation against each other, not against another machine's.")
{
    TrainingCommand.Create(),
    CheckpointCommand.Create(),
    LanguageCommand.Create(),
    AzureCommand.Create(),
    S3Command.Create(),
    TiersCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
