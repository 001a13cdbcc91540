namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>A template cannot be read, or fails while it is written out.</summary>
/// <param name="line">The line of the template, from 1.</param>
/// <param name="problem">What is wrong; without a full stop.</param>
internal sealed class JinjaException(int line, string problem) : InvalidOperationException($"line {line}: {problem}.");
