using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What a backend itself remembers, beside its model.</summary>
internal static class MemoryRules
{
    private const int Questions = 4;

    public static IEnumerable<Rule<BackendTrial>> All { get; } = StateRules.Of<BackendTrial, IModelBackend>(Prepare, "backend-");

    // As the engine does: each backend has one model, which is restored before the backend is.
    private static StateRun<IModelBackend> Prepare(BackendTrial trial)
    {
        var (seed, requests) = (trial.Seed(), trial.Requests(Questions));
        Dictionary<IModelBackend, IModel> models = new(ReferenceEqualityComparer.Instance);
        return new(CreateAsync, ShowAsync) { Carry = (from, to) => new CapturedModel(models[from]).RestoreInto(models[to]) };

        async Task<IModelBackend> CreateAsync()
        {
            var backend = trial.Create();
            models[backend] = await trial.CreateModelAsync(backend, seed).ConfigureAwait(false);
            return backend;
        }

        async Task<string> ShowAsync(IModelBackend backend, int step)
        {
            var model = models[backend];
            var asked = requests.Select(request => request with { Seed = request.Seed + (ulong)step }).ToList();
            var responses = await model.ActAsync(asked, default).ConfigureAwait(false);
            var report = model.Description.Trainable
                ? await model.LearnAsync(BackendTrial.Lesson(asked, responses, seed + (ulong)step), default).ConfigureAwait(false)
                : null;
            return $"{string.Join(", ", responses.Select(BackendTrial.Words))}, {report}, {ModelBits.Of(model).Changing().Digest()}";
        }
    }
}
