namespace CoreSrl.Configuration;

/// <summary>Collects what is wrong with several parts of a configuration, so that it is told at once.</summary>
internal sealed class ConfigurationProblems
{
    private readonly List<ConfigurationException> _problems = [];

    /// <summary>What a part makes; null, and the problem collected, when the part is wrong.</summary>
    public T? Try<T>(Func<T?> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (ConfigurationException e)
        {
            _problems.Add(e);
            return null;
        }
    }

    /// <summary>Tells what was collected.</summary>
    /// <exception cref="ConfigurationException">Something was.</exception>
    public void Tell()
    {
        switch (_problems)
        {
            case []: return;
            case [var one]: throw one;
            default: throw new ConfigurationException([.. _problems.SelectMany(problem => problem.Problems).Distinct()]);
        }
    }
}
