using System.Text.Json.Nodes;

namespace CoreSrl.Testing.Tests.Memories;

/// <summary>What a stateful plugin remembers: how often it was asked.</summary>
internal class Memory
{
    protected long Count { get; set; }

    public virtual long Next() => ++Count;

    public virtual JsonNode? CaptureState() => new JsonObject { ["count"] = Count };

    public virtual void RestoreState(JsonNode? state) => Count = (long)state!["count"]!;
}
