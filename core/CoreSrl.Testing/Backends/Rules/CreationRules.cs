using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What a model is, from its creation on.</summary>
internal static class CreationRules
{
    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("same-context-same-bits", "The initial state follows from the context and the options alone, to the bit.", SameBitsAsync),
        new("description-is-plain", "A description has a kind of one word and a flat object of what shapes the model.", DescriptionIsPlainAsync),
        new("description-is-constant", "A description is the same during a model's life, and for every model of the same context.", DescriptionIsConstantAsync),
        new("tensors-have-names", "The tensors of one part have names of their own.", TensorsHaveNamesAsync),
        new("table-is-constant", "The table of tensors is the same from creation on, through playing, learning and restoring.", TableIsConstantAsync),
    ];

    private static async Task SameBitsAsync(BackendTrial trial)
    {
        for (var i = 0; i < 3; i++)
        {
            var seed = trial.Seed();
            var (one, two) = (await trial.CreateModelAsync(seed).ConfigureAwait(false), await trial.CreateModelAsync(seed).ConfigureAwait(false));
            trial.ExpectBits(ModelBits.Of(one), ModelBits.Of(two), "another model of the same context");
        }
    }

    private static async Task DescriptionIsPlainAsync(BackendTrial trial)
    {
        var description = (await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false)).Description;
        trial.Expect(
            !string.IsNullOrEmpty(description.Kind) && !description.Kind.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) || letter is '/' or '\\'),
            "a kind of one word, which can be part of a file's name", $"it was '{description.Kind}'");
        var nested = description.Architecture.FirstOrDefault(value => value.Value is JsonObject or JsonArray);
        trial.Expect(nested.Value is null, "a flat architecture, whose values can be compared one by one", $"'{nested.Key}' is {nested.Value?.ToJsonString()}");
        trial.Expect(Numbers.AreFinite(description.Architecture) && Numbers.AreFinite(description.Adapter), "finite numbers in a description", "some are not");
        _ = Words(description);
    }

    private static async Task DescriptionIsConstantAsync(BackendTrial trial)
    {
        var (model, twin) = await trial.TwinsAsync().ConfigureAwait(false);
        var before = Words(model.Description);
        trial.ExpectSame(before, Words(twin.Description), "the description of another model of the same context");
        await trial.TrainAsync(model, 2).ConfigureAwait(false);
        new CapturedModel(twin).RestoreInto(model);
        trial.ExpectSame(before, Words(model.Description), "the description of a model that has learned");
    }

    private static async Task TensorsHaveNamesAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        var twice = model.Tensors.GroupBy(tensor => (tensor.Part, tensor.Info.Name)).FirstOrDefault(same => same.Count() > 1);
        trial.Expect(twice is null, "each tensor of a part to have a name of its own", $"there are {twice?.Count()} of {twice?.Key.Part} called '{twice?.Key.Name}'");
        var strange = model.Tensors.FirstOrDefault(tensor => !Enum.IsDefined(tensor.Part) || !Enum.IsDefined(tensor.Info.Type));
        trial.Expect(strange is null, "a known part and element type", $"'{strange?.Info.Name}' has {strange?.Part} and {strange?.Info.Type}");
    }

    private static async Task TableIsConstantAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        var table = Table(model);
        var captured = new CapturedModel(model);
        await model.ActAsync(trial.Requests(), default).ConfigureAwait(false);
        trial.ExpectList(table, Table(model), "the tensors of a model that has played");
        await trial.TrainAsync(model, 2).ConfigureAwait(false);
        trial.ExpectList(table, Table(model), "the tensors of a model that has learned");
        captured.RestoreInto(model);
        trial.ExpectList(table, Table(model), "the tensors of a model that was restored");

        static IReadOnlyList<string> Table(IModel model) => [.. model.Tensors.Select(tensor => $"{tensor.Part} {tensor.Info}")];
    }

    private static string Words(ModelDescription description) =>
        $"{description.Kind}, {(description.Trainable ? "trainable" : "not trainable")}, {description.Architecture.ToJsonString()}, {description.Adapter?.ToJsonString() ?? "no adapter"}";
}
