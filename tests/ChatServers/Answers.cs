using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CoreSrl.ChatServers;

/// <summary>Ways to answer; each request is always answered alike.</summary>
internal static class Answers
{
    private static readonly string[] Words = ["alpha", "beta", "gamma", "delta"];

    /// <summary>One of the choices, or a word, as the whole request decides.</summary>
    public static Reply AtRandom(Asked asked)
    {
        var all = SHA256.HashData(Encoding.UTF8.GetBytes(asked.Body.ToJsonString()));
        var choices = asked.Choices.Count > 0 ? asked.Choices : Words;
        return new(choices[(int)(BinaryPrimitives.ReadUInt32LittleEndian(all) % choices.Count)]);
    }

    /// <summary>What was answered to the same question earlier in the conversation; where there is nothing, at random.</summary>
    public static Reply FromContext(Asked asked) => FromContext(asked, AtRandom);

    /// <summary>The same; where there is nothing, otherwise.</summary>
    public static Reply FromContext(Asked asked, Func<Asked, Reply> otherwise)
    {
        for (var i = asked.Messages.Count - 3; i >= 0; i--)
        {
            if (asked.Messages[i] == ("user", asked.Question) && asked.Messages[i + 1].Role == "assistant")
                return new(asked.Messages[i + 1].Text);
        }

        return otherwise(asked);
    }
}
