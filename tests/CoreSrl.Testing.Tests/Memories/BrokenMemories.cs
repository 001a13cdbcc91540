using System.Text.Json.Nodes;

namespace CoreSrl.Testing.Tests.Memories;

/// <summary>For each rule about state a memory that breaks it.</summary>
internal static class BrokenMemories
{
    public static IReadOnlyDictionary<string, Func<Memory>> ByRule { get; } = new Dictionary<string, Func<Memory>>
    {
        ["state-is-json"] = () => new NoNumber(),
        ["state-stays-small"] = () => new KeepsADiary(),
        ["state-is-a-copy"] = () => new HandsOutItsOwn(),
        ["capturing-changes-nothing"] = () => new CountsCaptures(),
        ["restored-goes-on"] = () => new CreatedWhenNeeded(),
        ["restored-forgets"] = () => new AddsUp(),
    };

    /// <summary>The best so far is none yet, which JSON cannot say as a number.</summary>
    private sealed class NoNumber : Memory
    {
        public override JsonNode? CaptureState() => new JsonObject { ["count"] = Count, ["best"] = double.NegativeInfinity };
    }

    private sealed class KeepsADiary : Memory
    {
        private JsonArray _pages = [];

        public override long Next()
        {
            _pages.Add(new string('.', 2_000));
            return base.Next();
        }

        public override JsonNode? CaptureState() => new JsonObject { ["count"] = Count, ["pages"] = _pages.DeepClone() };

        public override void RestoreState(JsonNode? state)
        {
            base.RestoreState(state);
            _pages = state!["pages"]!.DeepClone().AsArray();
        }
    }

    private sealed class HandsOutItsOwn : Memory
    {
        private JsonObject _state = new() { ["count"] = 0L };

        public override long Next()
        {
            var next = (long)_state["count"]! + 1;
            _state["count"] = next;
            return next;
        }

        public override JsonNode? CaptureState() => _state;

        public override void RestoreState(JsonNode? state) => _state = state!.DeepClone().AsObject();
    }

    private sealed class CountsCaptures : Memory
    {
        private long _captures;

        public override long Next() => base.Next() + (_captures / 2);

        public override JsonNode? CaptureState() => new JsonObject { ["count"] = Count, ["captures"] = ++_captures };

        public override void RestoreState(JsonNode? state)
        {
            base.RestoreState(state);
            _captures = (long)state!["captures"]!;
        }
    }

    /// <summary>A fresh one has nothing yet to restore into.</summary>
    private sealed class CreatedWhenNeeded : Memory
    {
        public override void RestoreState(JsonNode? state)
        {
            if (Count > 0)
                base.RestoreState(state);
        }
    }

    private sealed class AddsUp : Memory
    {
        public override void RestoreState(JsonNode? state) => Count += (long)state!["count"]!;
    }
}
