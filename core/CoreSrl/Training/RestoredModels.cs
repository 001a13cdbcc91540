using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Training;

/// <summary>Models in the state that a checkpoint holds, without a run around them: to be used, not to be trained. Nothing is written,
/// and a trainer that has the directory is not disturbed.</summary>
public sealed class RestoredModels : IAsyncDisposable
{
    private readonly PluginHost _host;
    private readonly List<ModelSlot> _slots = [];

    private RestoredModels(PluginHost host) => _host = host;

    /// <summary>The models, in the order in which they were asked for.</summary>
    public IReadOnlyList<(string Id, IModel Model)> Models => [.. _slots.Select(slot => (slot.Id, slot.Model))];

    /// <summary>The configuration of the run that took a checkpoint, as it is recorded there: its models with all their options.</summary>
    /// <param name="record">The checkpoint.</param>
    /// <param name="settings">Changes to it, each <c>Section:Key=value</c>, which go before environment variables.</param>
    /// <exception cref="ConfigurationException">It records none, or a setting cannot be used.</exception>
    public static MultiModelConfig ConfigurationOf(CheckpointRecord record, params IReadOnlyList<string> settings)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Document["config"] is JsonObject { } config && config["models"] is JsonArray { Count: > 0 }
            ? MultiModelConfig.OfRecord(config, $"the configuration that checkpoint '{record.Saved.Id}' records", settings)
            : throw new ConfigurationException($"Checkpoint '{record.Saved.Id}' does not record the models of its run. Name the configuration that it was trained with.");
    }

    /// <summary>Creates models and puts them into the state that a checkpoint holds, every byte of which is checked.</summary>
    /// <param name="manager">The checkpoint's directory.</param>
    /// <param name="id">The checkpoint.</param>
    /// <param name="config">The configuration of the run that took it.</param>
    /// <param name="modelIds">Which models.</param>
    /// <param name="services">What the program gives the models' plugins.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="KeyNotFoundException">There is no such checkpoint, or no such model in it.</exception>
    /// <exception cref="DamagedCheckpointException">It is not what was written.</exception>
    /// <exception cref="ConfigurationException">The configuration cannot be used, or a model of it is not the checkpoint's.</exception>
    public static async Task<RestoredModels> OpenAsync(
        CheckpointManager manager, string id, MultiModelConfig config, IReadOnlyList<string> modelIds, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(manager);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(modelIds);
        var models = new RestoredModels(new(config, services ?? new()));
        try
        {
            await manager.UseAsync(id, async reader =>
            {
                await models.CreateAsync(reader.Record, config, modelIds, cancellationToken).ConfigureAwait(false);
                await models.RestoreAsync(reader, new ResumeCheck(id, manager.Location, config), cancellationToken).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
            return models;
        }
        catch
        {
            await models.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var slot in _slots)
            await slot.Model.DisposeAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    // A second copy of the checkpoint, which is tried where the first is damaged, finds them there.
    private async Task CreateAsync(CheckpointRecord record, MultiModelConfig config, IReadOnlyList<string> modelIds, CancellationToken cancellationToken)
    {
        var stored = record.ModelIds;
        foreach (var modelId in modelIds.Skip(_slots.Count))
        {
            var (index, place) = (stored.ToList().IndexOf(modelId), config.Models.ToList().FindIndex(model => model.Id == modelId));
            if (index < 0)
                throw new KeyNotFoundException($"Checkpoint '{record.Saved.Id}' holds no model '{modelId}'. {NearestMatch.Suggest(modelId, stored)}");
            if (place < 0)
                throw new ConfigurationException($"Models: checkpoint '{record.Saved.Id}' has a model '{modelId}'; the configuration has {string.Join(", ", config.Models.Select(model => model.Id))}. Name the configuration that it was trained with, or none.");
            var backend = _host.Create<IModelBackend>(PluginContract.Backend, config.Models[place].Backend).Instance;
            _slots.Add(new(modelId, index, await ModelSlot.CreateAsync(backend, _host.Calls, config, place, cancellationToken).ConfigureAwait(false)));
        }
    }

    private async Task RestoreAsync(CheckpointReader reader, ResumeCheck check, CancellationToken cancellationToken)
    {
        foreach (var slot in _slots)
        {
            check.Model(await reader.ReadJsonAsync(CheckpointLayout.ModelDescription(slot.Id), cancellationToken).ConfigureAwait(false), slot);
            await reader.RestoreAsync(slot.Index, slot.Id, slot.Model, cancellationToken).ConfigureAwait(false);
        }
    }
}
