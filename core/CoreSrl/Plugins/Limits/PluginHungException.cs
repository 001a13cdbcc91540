using System.Globalization;

namespace CoreSrl.Plugins.Limits;

/// <summary>
/// A call of a plugin took longer than the configuration allows, or than a run that is to stop can wait. The call goes on, for a thread cannot be killed: nothing more is
/// asked of that plugin, what it may still answer is not heard, and only the end of the process ends it.
/// </summary>
public sealed class PluginHungException : TimeoutException
{
    internal PluginHungException(string plugin, string call, TimeSpan limit, string option)
        : base($"{plugin} hangs: {call} has not come back within {limit.ToString("c", CultureInfo.InvariantCulture)} (Plugins:{option})")
    {
    }

    internal PluginHungException(string plugin, string call, TimeSpan grace)
        : base($"{plugin} hangs: {call} had not come back {grace.TotalSeconds:F0} s after the run was told to stop")
    {
    }
}
