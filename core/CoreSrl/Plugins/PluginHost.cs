using System.Reflection;
using Autofac;
using Autofac.Core;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Limits;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Plugins;

/// <summary>Creates the plugins that a configuration selects: finds, loads, binds their options, and lets Autofac build them.</summary>
public sealed class PluginHost : IAsyncDisposable
{
    private readonly MultiModelConfig _config;
    private readonly PluginCatalog _catalog;
    private readonly IContainer _services;
    private readonly ILogger _logger;
    private readonly PluginLoadContexts _contexts = new();
    private readonly List<(PluginDescriptor Plugin, ILifetimeScope Scope)> _scopes = [];
    private readonly Dictionary<PluginDescriptor, PluginDescriptor> _used = [];

    /// <summary>A host for the plugins of one configuration.</summary>
    /// <param name="config">The configuration that selects them.</param>
    /// <param name="services">What the program gives them, and the plugins it brings along.</param>
    /// <exception cref="ConfigurationException">A plugin directory does not exist, or others may write to it.</exception>
    public PluginHost(MultiModelConfig config, HostServices services)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(services);
        _config = config;
        _logger = services.Loggers.CreateLogger<PluginHost>();
        _catalog = PluginCatalog.Discover(config, services.PluginTypes);
        Calls = new(config.Plugins);
        var builder = new ContainerBuilder();
        builder.RegisterInstance(services.Loggers).ExternallyOwned();
        builder.RegisterGeneric(typeof(Logger<>)).As(typeof(ILogger<>)).SingleInstance();
        builder.RegisterInstance(services.Time).ExternallyOwned();
        builder.RegisterInstance(new StorageContext(Path.GetFullPath(config.Checkpoints.Directory)));
        _services = builder.Build();
    }

    /// <summary>The plugins created so far.</summary>
    public IReadOnlyCollection<PluginDescriptor> Used => _used.Keys;

    /// <summary>Calls plugins, each for no longer than the configuration allows.</summary>
    internal PluginCalls Calls { get; }

    /// <summary>Creates the selected plugin.</summary>
    /// <typeparam name="T">The contract's interface.</typeparam>
    /// <exception cref="ConfigurationException">It is unknown, refused, cannot be loaded, its options are wrong, or its constructor
    /// throws or hangs.</exception>
    public CreatedPlugin<T> Create<T>(PluginContract contract, PluginSelection selection)
        where T : class => Prepare<T>(contract, selection).Create();

    /// <summary>Makes a factory for the selected plugin, its options checked, for when several instances are needed.</summary>
    /// <exception cref="ConfigurationException">It is unknown, refused, cannot be loaded, or its options are wrong.</exception>
    public PluginFactory<T> Prepare<T>(PluginContract contract, PluginSelection selection)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(selection);
        return Prepare<T>(contract, selection, null);
    }

    /// <summary>Loads the selected plugin, without creating it.</summary>
    /// <exception cref="ConfigurationException">It is unknown, refused, or cannot be loaded.</exception>
    internal PluginShape Load(PluginContract contract, PluginSelection selection) => Load(_catalog.Find(contract, selection), selection);

    /// <summary>The same as <see cref="Prepare{T}(PluginContract, PluginSelection)"/>, with another place for checkpoints than the configuration's.</summary>
    internal PluginFactory<T> Prepare<T>(PluginContract contract, PluginSelection selection, StorageContext? place)
        where T : class
    {
        var descriptor = _catalog.Find(contract, selection);
        var shape = Load(descriptor, selection);
        var problems = new ConfigurationProblems();
        var members = shape.List is null ? [] : PrepareMembers<T>(contract, selection.Section.GetSection(shape.List), problems);
        var options = problems.Try(() => Run(descriptor, selection, "prepared", "its options record", () => BindOptions(descriptor, shape, selection)));
        problems.Tell();
        var scope = Run(descriptor, selection, "prepared", "a module of its assembly", () => BeginScope(shape.Type, options, place));
        _scopes.Add((descriptor, scope));
        _used[descriptor] = descriptor;
        return new(descriptor, selection, options, () => Resolve<T>(scope, shape.Type, descriptor, selection, members)) { List = shape.List, Members = members };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (plugin, scope) in _scopes)
        {
            try
            {
                await Calls.WaitAsync(() => scope.DisposeAsync()).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                _logger.LogWarning("Plugin '{Plugin}' could not be disposed of within {Limit}; it is left behind", plugin.Name, _config.Plugins.TimeLimit);
            }
        }

        await _services.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Lets a plugin's own code run, as long as it may, and tells what goes wrong there as a problem of the configuration.</summary>
    private T Run<T>(PluginDescriptor descriptor, PluginSelection selection, string done, string call, Func<T> function)
    {
        var plugin = $"plugin '{descriptor.Name}'";
        try
        {
            return Calls.Quick(plugin, call, function);
        }
        catch (PluginHungException e)
        {
            throw new ConfigurationException($"{selection.Path}: {e.Message}.", e);
        }
        catch (Exception e) when (e is not (ConfigurationException or OutOfMemoryException))
        {
            throw new ConfigurationException($"{selection.Path}: {plugin} could not be {done}: {Cause(e)}", e);
        }
    }

    private PluginShape Load(PluginDescriptor descriptor, PluginSelection selection) =>
        Run(descriptor, selection, "loaded", "its initialization", () => ShapeOf(descriptor, selection));

    private PluginShape ShapeOf(PluginDescriptor descriptor, PluginSelection selection)
    {
        var type = _contexts.Load(descriptor);
        try
        {
            return PluginShape.Of(descriptor, type);
        }
        catch (ConfigurationException e)
        {
            throw new ConfigurationException($"{selection.Path}: {e.Message}", e);
        }
    }

    /// <summary>The plugin, its options, and whatever the Autofac modules of its assembly register.</summary>
    private ILifetimeScope BeginScope(Type type, object? options, StorageContext? place)
    {
        return _services.BeginLifetimeScope(builder =>
        {
            builder.RegisterType(type);
            if (options is not null)
                builder.RegisterInstance(options).As(options.GetType());
            if (place is not null)
                builder.RegisterInstance(place);
            foreach (var module in PluginShape.ModulesOf(type.Assembly))
                builder.RegisterModule((IModule)Activator.CreateInstance(module)!);
        });
    }

    /// <summary>The plugins of a list in another's section; each entry selects one, as the section itself does.</summary>
    private List<PluginFactory<T>> PrepareMembers<T>(PluginContract contract, IConfigurationSection list, ConfigurationProblems problems)
        where T : class
    {
        var binder = new OptionsBinder(_config.Root);
        var selections = binder.Entries(list).Select(entry => PluginSelection.Read(binder, entry)).ToList();
        if (selections.Count == 0 && binder.Problems.Count == 0)
            binder.Add(list.Path, $"a list [ {{ \"Use\": … }} ] of at least one {contract.Describe()} is required");
        problems.Try(() => binder.Problems.Count == 0 ? binder : throw new ConfigurationException(binder.Problems));
        return [.. selections.Where(selection => selection.Use.Length > 0).Select(selection => problems.Try(() => Prepare<T>(contract, selection))).OfType<PluginFactory<T>>()];
    }

    private T Resolve<T>(ILifetimeScope scope, Type type, PluginDescriptor descriptor, PluginSelection selection, IReadOnlyList<PluginFactory<T>> members)
        where T : class
    {
        IReadOnlyList<T> instances = [.. members.Select(member => member.New())];
        return Run(descriptor, selection, "created", "its constructor", () => (T)scope.Resolve(type, new TypedParameter(typeof(IReadOnlyList<T>), instances)));
    }

    /// <summary>The message that says what went wrong: that of the plugin's own exception, or Autofac's last.</summary>
    private static string Cause(Exception e)
    {
        while (e is DependencyResolutionException or TargetInvocationException or TypeInitializationException && e.InnerException is { } inner)
            e = inner;
        return e switch
        {
            ConfigurationException => e.Message,
            // Several lines, the last of which says where to read about Autofac.
            DependencyResolutionException => string.Join(' ', e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("See https:", StringComparison.Ordinal))),
            FileNotFoundException { FileName: { } name } when name.Contains("Culture=", StringComparison.Ordinal) => PluginLoadContexts.Misses(name),
            // The plugin's own words about its options; the name of its parameter says nothing to whoever writes a configuration.
            ArgumentException { ParamName: { } name } => e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
            _ => $"{e.Message} ({e.GetType().Name})",
        };
    }

    private object? BindOptions(PluginDescriptor descriptor, PluginShape shape, PluginSelection selection)
    {
        var reserved = shape.ReservedKeys(descriptor.Contract);
        var binder = new OptionsBinder(_config.Root);
        var options = shape.Options is null ? null : binder.Bind(selection.Section, shape.Options, reserved);
        if (options is null)
            binder.CheckKeys(selection.Section, $"{selection.Path} ('{descriptor.Name}')", reserved);
        return binder.Problems.Count == 0 ? options : throw new ConfigurationException(binder.Problems);
    }
}
