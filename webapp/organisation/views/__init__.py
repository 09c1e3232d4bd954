"""The pages of the organisation, by what they are about."""
