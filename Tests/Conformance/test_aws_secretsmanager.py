"""The emulator's Secrets Manager as the AWS SDK for Python sees it."""

from aws_support import code, failure, unique


class TestSecretsManager:
    def test_a_new_value_makes_the_old_one_previous(self, secrets):
        name = unique("stripe")
        created = secrets.create_secret(Name=name, SecretString="one")
        secrets.put_secret_value(SecretId=created["ARN"], SecretString="two")
        assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"
        previous = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
        assert (previous["SecretString"], previous["VersionId"]) == ("one", created["VersionId"])
        by_id = secrets.get_secret_value(SecretId=name, VersionId=created["VersionId"])
        assert by_id["SecretString"] == "one"
        stages = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
        assert sorted(stages.values()) == [["AWSCURRENT"], ["AWSPREVIOUS"]]
        versions = secrets.list_secret_version_ids(SecretId=name)["Versions"]
        assert len(versions) == 2
        assert name in [s["Name"] for s in secrets.list_secrets()["SecretList"]]

    def test_errors_have_the_names_clients_know(self, secrets):
        name = unique("twice")
        secrets.create_secret(Name=name, SecretBinary=b"\x00\xff")
        assert secrets.get_secret_value(SecretId=name)["SecretBinary"] == b"\x00\xff"
        assert code(secrets.create_secret, Name=name, SecretString="x") == "ResourceExistsException"
        assert code(secrets.get_secret_value, SecretId="none") == "ResourceNotFoundException"
        missing = failure(secrets.get_secret_value, SecretId=name, VersionStage="AWSPREVIOUS")
        assert missing["Error"]["Code"] == "ResourceNotFoundException"
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        assert code(secrets.describe_secret, SecretId=name) == "ResourceNotFoundException"
