namespace CoreSrl.EndToEnd.Tests.Training;

/// <summary>Configurations small enough to run many times in a test.</summary>
internal static class Configurations
{
    /// <summary>Three models in a short game, saved more often than they learn; takes a second or two.</summary>
    public const string Small = """
        {
          "Training": { "RunName": "small", "MaxEpisodes": 24, "GamesPerEpisode": 4, "UpdateFrequency": 2 },
          "Environment": { "Use": "coop-compete", "Rounds": 2 },
          "Models": [
            { "Id": "model_0_qwen3", "Use": "torch-lora", "BaseSeed": 1, "LoraDropout": 0.1 },
            { "Id": "model_1_qwen3", "Use": "torch-lora", "BaseSeed": 1 },
            { "Id": "model_2_qwen3", "Use": "torch-lora", "BaseSeed": 1 }
          ],
          "Checkpoints": { "Directory": "checkpoints/small", "SaveInterval": 3, "MaxCheckpoints": -1 }
        }
        """;
}
