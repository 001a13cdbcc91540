namespace CoreSrl.Formats.Peft;

/// <summary>The folder of a base model: what it holds besides weights, which a model that was merged from it needs as well.</summary>
internal static class BaseFolder
{
    private const string ConfigName = "config.json";

    private static readonly string[] Names =
    [
        ConfigName, "generation_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "added_tokens.json",
        "special_tokens_map.json", "chat_template.jinja",
    ];

    /// <summary>The files, opened; the caller disposes of the folder.</summary>
    /// <exception cref="CheckpointFormatException">There is no such folder, or no model in it.</exception>
    public static (LocalFolder Folder, IReadOnlyList<string> Files) Open(string path)
    {
        var files = Names.Where(name => File.Exists(Path.Combine(path, name))).ToList();
        return files.Contains(ConfigName)
            ? (new(path), files)
            : throw new CheckpointFormatException(
                Path.GetFullPath(path), $"there is no {ConfigName}, which the merged model needs", "Put the base model back where it was trained from, or export the adapter as peft");
    }
}
