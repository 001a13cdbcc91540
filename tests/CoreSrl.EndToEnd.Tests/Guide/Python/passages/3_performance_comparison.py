from core_srl import load_checkpoint_metadata
import matplotlib.pyplot as plt

# Load multiple checkpoints
checkpoints = list_available_checkpoints()
episodes = []
rewards = []

for checkpoint_id in checkpoints:
    metadata = load_checkpoint_metadata(checkpoint_id)
    if metadata:
        episodes.append(metadata['episode'])
        
        # Calculate average reward across models
        model_states = metadata['model_states']
        avg_reward = sum(
            state['total_reward'] / max(1, state['episode_count'])
            for state in model_states.values()
        ) / len(model_states)
        rewards.append(avg_reward)

# Plot training progress
plt.plot(episodes, rewards)
plt.xlabel('Episode')
plt.ylabel('Average Reward')
plt.title('Training Progress Across Checkpoints')
plt.savefig('training_progress.png')
