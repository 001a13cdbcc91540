using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>The options of the <c>local</c> storage.</summary>
public sealed record LocalStorageOptions
{
    /// <summary>The folder that holds the objects; a relative path counts from the current directory. It is created by the first
    /// write.</summary>
    /// <value>Default: <c>Checkpoints:Directory</c>.</value>
    [MinLength(1)]
    public string? Directory { get; init; }
}
