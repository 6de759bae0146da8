-- Tokens that users own and achievements they earn.

-- migrate:up

CREATE TABLE blockchain_service.nfts (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    token_id VARCHAR(255) NOT NULL,
    contract_address VARCHAR(255) NOT NULL,
    name VARCHAR(255) NOT NULL,
    description TEXT,
    image_url TEXT,
    rarity VARCHAR(20) NOT NULL CHECK (rarity IN ('common', 'uncommon', 'rare', 'epic', 'legendary')),
    attributes JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT nfts_attributes_shape CHECK (jsonb_typeof(attributes) = 'object')
);

CREATE INDEX idx_nfts_user_id ON blockchain_service.nfts (user_id);
CREATE INDEX idx_nfts_token_id ON blockchain_service.nfts (token_id);
CREATE INDEX idx_nfts_contract_address ON blockchain_service.nfts (contract_address);
CREATE INDEX idx_nfts_rarity ON blockchain_service.nfts (rarity);

COMMENT ON TABLE blockchain_service.nfts IS 'Non-fungible tokens owned by users';
COMMENT ON COLUMN blockchain_service.nfts.id IS 'Unique record identifier';
COMMENT ON COLUMN blockchain_service.nfts.user_id IS 'ID of user who owns the token';
COMMENT ON COLUMN blockchain_service.nfts.token_id IS 'Number of the token within its contract';
COMMENT ON COLUMN blockchain_service.nfts.contract_address IS 'Address of the contract that issued the token';
COMMENT ON COLUMN blockchain_service.nfts.name IS 'Token name';
COMMENT ON COLUMN blockchain_service.nfts.description IS 'Token description';
COMMENT ON COLUMN blockchain_service.nfts.image_url IS 'URL to the token''s image';
COMMENT ON COLUMN blockchain_service.nfts.rarity IS 'Rarity (common, uncommon, rare, epic, legendary)';
COMMENT ON COLUMN blockchain_service.nfts.attributes IS 'Traits of the token by name';
COMMENT ON COLUMN blockchain_service.nfts.created_at IS 'Creation timestamp';

CREATE TABLE blockchain_service.achievements (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES user_service.users (id) ON DELETE CASCADE,
    type VARCHAR(50) NOT NULL,
    title VARCHAR(255) NOT NULL,
    description TEXT,
    icon_url TEXT,
    criteria JSONB DEFAULT '{}',
    earned_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    CONSTRAINT achievements_criteria_shape CHECK (jsonb_typeof(criteria) = 'object')
);

CREATE INDEX idx_achievements_user_id ON blockchain_service.achievements (user_id);
CREATE INDEX idx_achievements_type ON blockchain_service.achievements (type);
CREATE INDEX idx_achievements_earned_at ON blockchain_service.achievements (earned_at);

COMMENT ON TABLE blockchain_service.achievements IS 'Achievements earned by users';
COMMENT ON COLUMN blockchain_service.achievements.id IS 'Unique achievement identifier';
COMMENT ON COLUMN blockchain_service.achievements.user_id IS 'ID of user who earned it';
COMMENT ON COLUMN blockchain_service.achievements.type IS 'Type of achievement';
COMMENT ON COLUMN blockchain_service.achievements.title IS 'Achievement title';
COMMENT ON COLUMN blockchain_service.achievements.description IS 'Achievement description';
COMMENT ON COLUMN blockchain_service.achievements.icon_url IS 'URL to the achievement''s icon';
COMMENT ON COLUMN blockchain_service.achievements.criteria IS 'What had to be reached';
COMMENT ON COLUMN blockchain_service.achievements.earned_at IS 'When it was earned';

-- migrate:down

DROP TABLE blockchain_service.achievements;
DROP TABLE blockchain_service.nfts;
