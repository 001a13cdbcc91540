# Compare model performance across checkpoints
def analyze_model_performance(checkpoint_id):
    metadata = load_checkpoint_metadata(checkpoint_id)
    model_stats = {}
    
    for model_id, state in metadata['model_states'].items():
        model_stats[model_id] = {
            'avg_reward': state['total_reward'] / max(1, state['episode_count']),
            'win_rate': state['win_count'] / max(1, state['episode_count']),
            'update_count': state['update_count'],
            'cooperation_score': state['cooperation_score']
        }
    
    return model_stats

# Analyze latest checkpoint
latest_stats = analyze_model_performance(checkpoints[0])
for model_id, stats in latest_stats.items():
    print(f"{model_id}: reward={stats['avg_reward']:.3f}, wins={stats['win_rate']:.3f}")
