from core_srl import load_checkpoint_metadata

# Get checkpoint information
metadata = load_checkpoint_metadata(checkpoints[0])

print(f"Episode: {metadata['episode']}")
print(f"Timestamp: {metadata['timestamp']}")
print(f"Models: {list(metadata['model_states'].keys())}")
print(f"Global metrics: {metadata['global_metrics']}")
