from core_srl import list_available_checkpoints

# List all checkpoints
checkpoints = list_available_checkpoints("./checkpoints/multimodel")
print("Available checkpoints:", checkpoints)

# Output:
# ['final_multimodel_ep_500_1234567892',
#  'multimodel_ep_400_1234567891', 
#  'multimodel_ep_300_1234567890']
