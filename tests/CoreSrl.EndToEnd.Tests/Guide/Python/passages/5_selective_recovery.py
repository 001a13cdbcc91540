# Load specific checkpoint by episode
def load_checkpoint_by_episode(target_episode, checkpoint_dir):
    checkpoints = list_available_checkpoints(checkpoint_dir)
    
    for checkpoint_id in checkpoints:
        metadata = load_checkpoint_metadata(checkpoint_id, checkpoint_dir)
        if metadata and metadata['episode'] == target_episode:
            return checkpoint_id
    
    return None

# Usage
checkpoint_id = load_checkpoint_by_episode(150, "./checkpoints/multimodel")
if checkpoint_id:
    trainer.load_checkpoint(checkpoint_id)
