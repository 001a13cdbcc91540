using CoreSrl.Configuration;

namespace CoreSrl.Cli.Display;

/// <summary>Nothing on standard output: that belongs to one JSON document.</summary>
internal sealed class QuietDisplay(MultiModelConfig config) : TrainingDisplay(config)
{
    public override void ShowNotice(string notice) => Terminal.Say(Console.Error, notice);
}
