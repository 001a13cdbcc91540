namespace CoreSrl.Training; internal static class RewardShaping; internal static class Learner;
