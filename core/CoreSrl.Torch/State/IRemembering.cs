using System.Text.Json.Nodes;

namespace CoreSrl.Torch;

/// <summary>A part of a training loop that remembers more than tensors.</summary>
internal interface IRemembering
{
    /// <summary>What the part is called in the stored JSON and in messages: <c>optimizer</c>, <c>scheduler critic.1</c>.</summary>
    string Label { get; }

    /// <summary>Its class: <c>Adam</c>. State of another class is refused.</summary>
    string Kind { get; }

    /// <summary>What to remember.</summary>
    JsonObject Capture();

    /// <summary>Checks what <see cref="Capture"/> returned, and returns what puts it back: nothing changes before all is checked.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    Action Prepare(JsonNode? stored);
}
