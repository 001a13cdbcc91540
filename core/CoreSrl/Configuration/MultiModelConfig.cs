using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace CoreSrl.Configuration;

/// <summary>
/// A checked configuration of a run: what to train, in which environment, and how its checkpoints are kept. Made by
/// <see cref="Default"/>, <see cref="Load"/> or <see cref="Parse"/>; the options of plugins are checked when the plugins are found.
/// </summary>
public sealed class MultiModelConfig
{
    private const string PluginLockFile = "plugins.lock.json";

    private static readonly string[] Sections = ["Training", "Environment", "Models", "Checkpoints", "Plugins"];

    /// <param name="root">All layers.</param>
    /// <param name="locks">The files that say which plugins may be loaded, where they are there.</param>
    /// <param name="place">What says the storage instead of the layers, if anything does.</param>
    private MultiModelConfig(IConfigurationRoot root, IReadOnlyList<string> locks, IConfigurationRoot? place = null)
    {
        Root = root;
        PluginLocks = locks;
        var binder = new OptionsBinder(root);
        binder.CheckKeys(root, "", Sections);
        Training = binder.Bind<TrainingOptions>(root.GetSection("Training"));
        Checkpoints = binder.Bind<CheckpointOptions>(root.GetSection("Checkpoints"), "Storage", "Policies", "Metadata");
        if (place?["Checkpoints:Directory"] is { } directory)
            Checkpoints = Checkpoints with { Directory = directory };
        Plugins = ReadPlugins(binder, root);
        Environment = PluginSelection.Read(binder, root.GetSection("Environment"));
        var storage = (place ?? root).GetSection(FastTierSelection.Section);
        FastTier = FastTierSelection.Read(binder, storage);
        Storage = PluginSelection.Read(binder, FastTier is null ? storage : storage.GetSection(FastTierSelection.Durable), fallback: FastTier is null ? "local" : null);
        Policies = [.. binder.Entries(root.GetSection("Checkpoints:Policies")).Select(section => PluginSelection.Read(binder, section))];
        Metadata = [.. binder.Entries(root.GetSection("Checkpoints:Metadata")).Select(section => PluginSelection.Read(binder, section))];
        Models = SelectModels(binder, root.GetSection("Models"));
        if (Training.GroupSize > 0 && Training.GamesPerEpisode % Training.GroupSize != 0)
            binder.Add("Training:GroupSize", $"{Training.GroupSize} does not divide Training:GamesPerEpisode, which is {Training.GamesPerEpisode}");
        else if (Training.LearningRate > 0 && (Training.GroupSize == 0 ? Training.GamesPerEpisode : Training.GroupSize) == 1)
            binder.Add(Training.GroupSize == 1 ? "Training:GroupSize" : "Training:GamesPerEpisode", "with one game there is nothing to compare it with, so nothing could be learned; use at least 2, or Training:LearningRate=0");
        if (binder.Problems.Count == 0 && CheckpointNameTemplate.CheckRun(Checkpoints.Name, Training.RunName) is { } unfit)
            binder.Add("Training:RunName", unfit);
        if (binder.Problems.Count > 0)
            throw new ConfigurationException(binder.Problems);
    }

    /// <summary>The section <c>Training</c>.</summary>
    public TrainingOptions Training { get; }

    /// <summary>The plain options of the section <c>Checkpoints</c>.</summary>
    public CheckpointOptions Checkpoints { get; }

    /// <summary>The environment to play in.</summary>
    public PluginSelection Environment { get; }

    /// <summary>The models, in the order of their seats.</summary>
    public IReadOnlyList<ModelSelection> Models { get; }

    /// <summary>Where checkpoints are stored; of two tiers, the durable one.</summary>
    public PluginSelection Storage { get; }

    /// <summary>The storage before it where they are committed first, if there is one: <c>"Use": "tiered"</c>.</summary>
    public FastTierSelection? FastTier { get; }

    /// <summary>Policies beside those that the plain options stand for.</summary>
    public IReadOnlyList<PluginSelection> Policies { get; }

    /// <summary>Contributors to <c>global_metrics</c>.</summary>
    public IReadOnlyList<PluginSelection> Metadata { get; }

    /// <summary>The section <c>Plugins</c>.</summary>
    public PluginOptions Plugins { get; private init; }

    /// <summary>Where the lock of this configuration's plugins lies, if it has one: beside its file, or, where it came from none, in
    /// the directory that was current when it was made.</summary>
    public string PluginLock => PluginLocks[0];

    /// <summary>All locks that hold: a configuration that only says another storage brings its own.</summary>
    internal IReadOnlyList<string> PluginLocks { get; }

    /// <summary>All layers, for reading plugins' sections.</summary>
    internal IConfigurationRoot Root { get; }

    /// <summary>The built-in configuration: three small local models in a cooperative-competitive game.</summary>
    /// <param name="settings">Changes to it, each <c>Section:Key=value</c>.</param>
    /// <exception cref="ConfigurationException">A setting cannot be used; every problem is told.</exception>
    public static MultiModelConfig Default(params IReadOnlyList<string> settings) =>
        Parse(ReadDefault(), "the built-in configuration", settings);

    /// <summary>Reads a configuration file, <c>SRL_</c> environment variables and settings; later ones win.</summary>
    /// <param name="path">A JSON file.</param>
    /// <param name="settings">Each <c>Section:Key=value</c>.</param>
    /// <exception cref="ConfigurationException">The file is missing or cannot be used; every problem is told.</exception>
    public static MultiModelConfig Load(string path, params IReadOnlyList<string> settings) =>
        new(ConfigurationReader.Read(ReadFile(path), path, settings), [LockBeside(path)]);

    /// <summary>The built-in configuration with the section <c>Plugins</c> of a file, environment variables and settings: for whoever
    /// asks which plugins there are, and runs nothing. Of other sections in them no more is read than their names.</summary>
    /// <param name="path">A JSON file.</param>
    /// <param name="settings">Each <c>Section:Key=value</c>.</param>
    /// <exception cref="ConfigurationException">The file is missing or the section cannot be used; every problem is told.</exception>
    public static MultiModelConfig LoadPlugins(string path, params IReadOnlyList<string> settings)
    {
        var root = ConfigurationReader.Read(ReadFile(path), path, settings);
        var binder = new OptionsBinder(root);
        binder.CheckKeys(root, "", Sections);
        var plugins = ReadPlugins(binder, root);
        return binder.Problems.Count == 0
            ? new(ConfigurationReader.Read(ReadDefault(), "the built-in configuration", [], withEnvironment: false), [LockBeside(path)]) { Plugins = plugins }
            : throw new ConfigurationException(binder.Problems);
    }

    /// <summary>Reads a configuration from JSON text; otherwise like <see cref="Load"/>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What the text is called in messages.</param>
    /// <param name="settings">Each <c>Section:Key=value</c>.</param>
    public static MultiModelConfig Parse(string json, string name = "the configuration", params IReadOnlyList<string> settings) =>
        new(ConfigurationReader.Read(json, name, settings), [Path.GetFullPath(PluginLockFile)]);

    /// <summary>The same configuration with its checkpoints elsewhere, whatever it says about their storage.</summary>
    /// <param name="place">A folder; or a URL <c>NAME://…</c>, for the storage plugin NAME with that URL as its option <c>Url</c>.</param>
    public MultiModelConfig At(string place)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        var section = new JsonObject { [nameof(Checkpoints)] = StoragePlace.Checkpoints(place) };
        return new(Root, PluginLocks, ConfigurationReader.Read(section.ToJsonString(), StoragePlace.NameOf(place), [], withEnvironment: false));
    }

    /// <summary>The setting that says where checkpoints lie, for messages.</summary>
    internal string PlaceSetting => FastTier is null && Storage.Use == "local" && Storage.Section["Directory"] is null ? "Checkpoints:Directory" : "Checkpoints:Storage";

    /// <summary>The built-in configuration with other sections <c>Checkpoints</c> and <c>Plugins</c>, and no other layer.</summary>
    /// <exception cref="ConfigurationException">A value cannot be used; every problem is told.</exception>
    internal static MultiModelConfig OfCheckpoints(string name, JsonNode? checkpoints, JsonNode? plugins, IReadOnlyList<string> locks)
    {
        var document = JsonNode.Parse(ReadDefault())!.AsObject();
        document[nameof(Checkpoints)] = checkpoints?.DeepClone();
        document[nameof(Plugins)] = plugins?.DeepClone();
        return new(ConfigurationReader.Read(document.ToJsonString(), name, [], withEnvironment: false), locks);
    }

    /// <summary>A configuration as a checkpoint records it, with its defaults filled in; environment variables and settings go before it.
    /// Where its checkpoints lie is left out: whoever has read it there knows.</summary>
    /// <exception cref="ConfigurationException">A value cannot be used; every problem is told.</exception>
    internal static MultiModelConfig OfRecord(JsonObject recorded, string name, IReadOnlyList<string> settings)
    {
        var document = new JsonObject(new[] { nameof(Training), nameof(Environment), nameof(Models) }.Select(section => KeyValuePair.Create(section, AsWritten(recorded[section.ToLowerInvariant()]))));
        return Parse(document.ToJsonString(), name, settings);
    }

    // What is recorded has snake_case keys, and null where nothing was said.
    private static JsonNode? AsWritten(JsonNode? recorded) => recorded switch
    {
        JsonObject section => new JsonObject(section.Where(entry => entry.Value is not null).Select(entry => KeyValuePair.Create(entry.Key.Replace("_", "", StringComparison.Ordinal), AsWritten(entry.Value)))),
        JsonArray list => new JsonArray([.. list.Select(AsWritten)]),
        _ => recorded?.DeepClone(),
    };

    /// <summary>Where the lock of a configuration file's plugins lies.</summary>
    internal static string LockBeside(string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, PluginLockFile);

    /// <summary>The text of a configuration file.</summary>
    /// <exception cref="ConfigurationException">There is none, or it cannot be read.</exception>
    internal static string ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new ConfigurationException(Directory.Exists(path)
                ? $"The configuration {path} is a directory; name the JSON file in it."
                : $"There is no configuration {path} (looked for {Path.GetFullPath(path)}).");
        }

        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The configuration {path} cannot be read: {e.Message}", e);
        }
    }

    private static string ReadDefault()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("CoreSrl.Configuration.default.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static PluginOptions ReadPlugins(OptionsBinder binder, IConfigurationRoot root)
    {
        var plugins = binder.Bind<PluginOptions>(root.GetSection("Plugins"));
        foreach (var (index, directory) in plugins.Directories.Index().Where(entry => entry.Item.Length == 0 || entry.Item.Contains('\0', StringComparison.Ordinal)))
            binder.Add($"Plugins:Directories:{index}", directory.Length == 0 ? "a directory's name is required" : "a directory's name has no NUL character");
        return plugins;
    }

    private static List<ModelSelection> SelectModels(OptionsBinder binder, IConfigurationSection section)
    {
        var models = new List<ModelSelection>();
        foreach (var entry in binder.Entries(section))
        {
            var id = entry["Id"] ?? "";
            if (id.Length is 0 or > 100 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') || id[0] is '.' or '-')
                binder.Add($"{entry.Path}:Id", $"'{id}' cannot be a model's id: use letters, digits, '_', '-' and '.', beginning with a letter, digit or '_'");
            else if (models.Find(model => string.Equals(model.Id, id, StringComparison.OrdinalIgnoreCase)) is { } twin)
                binder.Add($"{entry.Path}:Id", $"'{id}' is already the id of {twin.Backend.Path}; give each model its own");
            models.Add(new(id, PluginSelection.Read(binder, entry)));
        }

        if (models.Count == 0)
            binder.Add("Models", "at least one model is required: \"Models\": [ { \"Id\": \"model_0\", \"Use\": \"torch-lora\" } ]");
        return models;
    }
}
