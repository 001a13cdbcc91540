using CoreSrl.Abstractions;
using CoreSrl.Torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>A decoder's policies: one for questions with choices, one for those without.</summary>
internal sealed class PolicyPair(Decoder decoder, PromptEncoder prompts, TorchLoraOptions options)
{
    private readonly IPolicy _choices = new ChoicePolicy(decoder, prompts, options);
    private readonly IPolicy _texts = new TextPolicy(decoder, prompts, options);

    public IPolicy For(Observation observation) => observation.Choices.IsDefaultOrEmpty ? _texts : _choices;
}
