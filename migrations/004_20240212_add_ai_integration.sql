-- Conversations with the assistant and what it recommends.

-- migrate:up

CREATE TABLE ai_service.ai_chat_sessions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    session_name VARCHAR(255),
    context JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT ai_chat_sessions_context_shape CHECK (jsonb_typeof(context) = 'object')
);

CREATE INDEX idx_ai_chat_sessions_user_id ON ai_service.ai_chat_sessions (user_id);
CREATE INDEX idx_ai_chat_sessions_created_at ON ai_service.ai_chat_sessions (created_at);

COMMENT ON TABLE ai_service.ai_chat_sessions IS 'Conversations of a user with the assistant';
COMMENT ON COLUMN ai_service.ai_chat_sessions.id IS 'Unique conversation identifier';
COMMENT ON COLUMN ai_service.ai_chat_sessions.user_id IS 'ID of user who talks';
COMMENT ON COLUMN ai_service.ai_chat_sessions.session_name IS 'Title of the conversation';
COMMENT ON COLUMN ai_service.ai_chat_sessions.context IS 'What the assistant was told about the user';
COMMENT ON COLUMN ai_service.ai_chat_sessions.created_at IS 'Creation timestamp';
COMMENT ON COLUMN ai_service.ai_chat_sessions.updated_at IS 'Last update timestamp';

CREATE TABLE ai_service.ai_messages (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    session_id UUID NOT NULL REFERENCES ai_service.ai_chat_sessions (id) ON DELETE CASCADE,
    role VARCHAR(20) NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
    content TEXT NOT NULL,
    metadata JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT ai_messages_metadata_shape CHECK (jsonb_typeof(metadata) = 'object')
);

CREATE INDEX idx_ai_messages_session_id ON ai_service.ai_messages (session_id);
CREATE INDEX idx_ai_messages_role ON ai_service.ai_messages (role);
CREATE INDEX idx_ai_messages_created_at ON ai_service.ai_messages (created_at);

COMMENT ON TABLE ai_service.ai_messages IS 'Messages of a conversation';
COMMENT ON COLUMN ai_service.ai_messages.id IS 'Unique message identifier';
COMMENT ON COLUMN ai_service.ai_messages.session_id IS 'Reference to conversation';
COMMENT ON COLUMN ai_service.ai_messages.role IS 'Who speaks (user, assistant, system)';
COMMENT ON COLUMN ai_service.ai_messages.content IS 'Text of the message';
COMMENT ON COLUMN ai_service.ai_messages.metadata IS 'Model, token counts and the like';
COMMENT ON COLUMN ai_service.ai_messages.created_at IS 'Creation timestamp';

CREATE TABLE ai_service.recommendations (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    type VARCHAR(50) NOT NULL CHECK (type IN ('workout', 'nutrition', 'social', 'general')),
    title VARCHAR(255) NOT NULL,
    description TEXT,
    confidence_score DECIMAL(3,2) NOT NULL CHECK (confidence_score >= 0 AND confidence_score <= 1),
    data JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT recommendations_data_shape CHECK (jsonb_typeof(data) = 'object')
);

CREATE INDEX idx_recommendations_user_id ON ai_service.recommendations (user_id);
CREATE INDEX idx_recommendations_type ON ai_service.recommendations (type);
CREATE INDEX idx_recommendations_confidence_score ON ai_service.recommendations (confidence_score);
CREATE INDEX idx_recommendations_created_at ON ai_service.recommendations (created_at);

COMMENT ON TABLE ai_service.recommendations IS 'Suggestions made to a user';
COMMENT ON COLUMN ai_service.recommendations.id IS 'Unique recommendation identifier';
COMMENT ON COLUMN ai_service.recommendations.user_id IS 'ID of user who receives the recommendation';
COMMENT ON COLUMN ai_service.recommendations.type IS 'Type of recommendation (workout, nutrition, social, general)';
COMMENT ON COLUMN ai_service.recommendations.title IS 'Recommendation title';
COMMENT ON COLUMN ai_service.recommendations.description IS 'Recommendation description';
COMMENT ON COLUMN ai_service.recommendations.confidence_score IS 'How sure the model is, from 0 to 1';
COMMENT ON COLUMN ai_service.recommendations.data IS 'What the recommendation is built from';
COMMENT ON COLUMN ai_service.recommendations.created_at IS 'Creation timestamp';

-- migrate:down

DROP TABLE ai_service.recommendations;
DROP TABLE ai_service.ai_messages;
DROP TABLE ai_service.ai_chat_sessions;
