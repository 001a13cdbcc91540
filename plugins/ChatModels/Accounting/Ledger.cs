using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Plugins.ChatModels.Accounting;

/// <summary>
/// What a model has used since it last learned, and whether it sits out. Playing must not change a model's state, so this is not part
/// of it: its backend remembers it, and learning moves it into the model's state.
/// </summary>
internal sealed class Ledger
{
    /// <summary>What was used and not yet learned from.</summary>
    public Usage Unlearned { get; private set; } = Usage.None;

    /// <summary>Whether the server is out of reach and not asked until the next update.</summary>
    public bool SitsOut { get; set; }

    /// <summary>Counts a turn.</summary>
    public void Add(Usage turn) => Unlearned += turn;

    /// <summary>Hands over to the model's state what was learned from; the server gets another chance.</summary>
    public void Learned(Usage turns)
    {
        Unlearned -= turns;
        SitsOut = false;
    }

    /// <summary>What must be remembered; null when there is nothing.</summary>
    public JsonObject? Capture() => Unlearned == Usage.None && !SitsOut ? null
        : JsonSerializer.SerializeToNode(new Remembered(Unlearned, SitsOut), ChatState.Json)!.AsObject();

    /// <summary>Takes it back.</summary>
    public void Restore(JsonNode? state)
    {
        var remembered = state is null ? new(Usage.None, SitsOut: false) : ChatState.Read<Remembered>(state);
        (Unlearned, SitsOut) = (remembered.Unlearned, remembered.SitsOut);
    }

    private sealed record Remembered(Usage Unlearned, bool SitsOut);
}
