namespace GuidePassages.Sections;

internal static class CheckpointStructure
{
    public static async Task RunAsync()
    {
        var config = MultiModelConfig.Default("Training:MaxEpisodes=1");
        await using (var trainer = await MultiModelTrainer.CreateAsync(config))
            await trainer.TrainAsync();
        #region
        await using var directory = await CheckpointDirectory.OpenAsync(config);
        var record = await directory.Manager.DescribeAsync(directory.Manager.Choose("latest").Id);
        foreach (var (path, file) in record.Files)
            Console.WriteLine($"{path}: {file.Size} bytes, XXH128 {file.Xxh128}");
        foreach (var (digest, file) in record.BaseWeights)
            Console.WriteLine($"base_weights/{digest}.safetensors: {file.Size} bytes, shared by all checkpoints");
        #endregion

        var folder = Path.Combine("checkpoints/multimodel", record.Saved.Id);
        Check.That(record.Files.All(file => new FileInfo(Path.Combine(folder, file.Key)).Length == file.Value.Size));
        Check.That(record.BaseWeights.Keys.All(digest => File.Exists($"checkpoints/multimodel/base_weights/{digest}.safetensors")));
        Check.That(record.Files.Count > 0 && record.BaseWeights.Count > 0);
    }
}
