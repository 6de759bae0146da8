/** An audit.yaml for FitnessHub: every table of a service but the guard, which a trigger writes. */
export const fitnessHubAudit = `
log: shared.audit_log
defaults:
  bookkeeping: [updated_at]
tables:
  user_service.users:
  user_service.user_profiles:
  user_service.user_stats:
  workout_service.workouts:
  workout_service.exercises:
  workout_service.workout_exercises:
  workout_service.workout_sessions:
  workout_service.exercise_sets:
  social_service.social_posts:
  social_service.user_followers:
  social_service.likes:
  social_service.comments:
  ai_service.ai_chat_sessions:
  ai_service.ai_messages:
  ai_service.recommendations:
  blockchain_service.nfts:
  blockchain_service.achievements:
  notification_service.notifications:
not:
  user_service.user_emails: written by a trigger of users alone
`;
