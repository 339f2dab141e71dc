import AWSClient
import FunctionsShared
import LambdaRuntime

LambdaRuntime.run { environment in
    let table = try environment.required("RISK_RULES_TABLE")
    let client = DynamoDBClient(try environment.makeAWSClient())
    let source = DynamoDBRiskRules(client: client, table: table, logger: environment.logger)
    return RiskEngineHandler(
        rules: RuleCache(source: source, clock: SystemClock(), logger: environment.logger))
}
