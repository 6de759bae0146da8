-- The catalogue of exercises. Identifiers come from the names, so that they are the same everywhere.
INSERT INTO workout_service.exercises (id, name, description, category, muscle_groups, equipment, difficulty, instructions, created_at, updated_at)
SELECT md5('exercise ' || name)::uuid, name, description, category, muscle_groups::jsonb, equipment, difficulty,
       jsonb_build_array(jsonb_build_object('step', 1, 'instruction', first), jsonb_build_object('step', 2, 'instruction', second)),
       '2024-01-15 00:00:00+00', '2024-01-15 00:00:00+00'
FROM (VALUES
    ('Push-up', 'Pressing the body off the floor', 'strength', '["chest", "triceps", "shoulders"]', NULL, 'beginner', 'Hands under the shoulders, body in one line', 'Lower the chest to the floor and press up'),
    ('Pull-up', 'Pulling the body up to a bar', 'strength', '["back", "biceps"]', 'pull-up bar', 'intermediate', 'Hang with straight arms, palms away', 'Pull until the chin is over the bar'),
    ('Back squat', 'Squatting with a barbell on the back', 'strength', '["quadriceps", "glutes"]', 'barbell', 'intermediate', 'Bar on the upper back, feet as wide as the shoulders', 'Sit down until the thighs are level, stand up'),
    ('Deadlift', 'Lifting a barbell from the floor', 'strength', '["hamstrings", "glutes", "back"]', 'barbell', 'advanced', 'Feet under the bar, back straight', 'Stand up with the bar close to the legs'),
    ('Bench press', 'Pressing a barbell while lying', 'strength', '["chest", "triceps"]', 'barbell', 'intermediate', 'Lie with the eyes under the bar', 'Lower the bar to the chest and press it up'),
    ('Overhead press', 'Pressing a barbell overhead', 'strength', '["shoulders", "triceps"]', 'barbell', 'intermediate', 'Bar at the collarbone, elbows in front', 'Press until the arms are straight'),
    ('Barbell row', 'Rowing a barbell while bent over', 'strength', '["back", "biceps"]', 'barbell', 'intermediate', 'Bend at the hips, back straight', 'Pull the bar to the belly'),
    ('Lunge', 'Stepping forward into a deep stance', 'strength', '["quadriceps", "glutes"]', NULL, 'beginner', 'Step forward with one leg', 'Lower the back knee, push back'),
    ('Plank', 'Holding the body straight on the forearms', 'core', '["abdominals", "lower back"]', NULL, 'beginner', 'Elbows under the shoulders', 'Hold the body in one line'),
    ('Hanging leg raise', 'Raising the legs while hanging', 'core', '["abdominals", "hip flexors"]', 'pull-up bar', 'advanced', 'Hang with straight arms', 'Raise the legs until they are level'),
    ('Kettlebell swing', 'Swinging a kettlebell from the hips', 'strength', '["glutes", "hamstrings"]', 'kettlebell', 'intermediate', 'Bend at the hips and swing the bell back', 'Drive the hips forward'),
    ('Running', 'Running at an even pace', 'cardio', '["legs"]', NULL, 'beginner', 'Begin slowly for five minutes', 'Keep a pace at which you can talk'),
    ('Rowing machine', 'Rowing indoors', 'cardio', '["back", "legs"]', 'rowing machine', 'beginner', 'Push with the legs first', 'Then lean back and pull the handle'),
    ('Burpee', 'Squat, plank and jump in one', 'cardio', '["full body"]', NULL, 'intermediate', 'Squat down and jump into a plank', 'Jump back and up'),
    ('Jump rope', 'Jumping over a rope', 'cardio', '["calves", "shoulders"]', 'rope', 'beginner', 'Turn the rope from the wrists', 'Jump just high enough'),
    ('Downward dog', 'A pose of yoga that stretches the back of the body', 'flexibility', '["hamstrings", "calves", "shoulders"]', 'mat', 'beginner', 'From hands and knees lift the hips', 'Press the heels towards the floor'),
    ('Pigeon pose', 'A pose of yoga that opens the hips', 'flexibility', '["hips"]', 'mat', 'intermediate', 'Bring one knee behind its wrist', 'Lower the hips and breathe'),
    ('Turkish get-up', 'Standing up with a weight overhead', 'strength', '["shoulders", "full body"]', 'kettlebell', 'advanced', 'Lie and press the bell up', 'Stand up with the arm straight')
) AS exercise (name, description, category, muscle_groups, equipment, difficulty, first, second)
ON CONFLICT DO NOTHING;
