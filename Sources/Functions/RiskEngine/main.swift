import AWSClient
import FunctionsShared
import LambdaRuntime

LambdaRuntime.run { environment in
    let table = try environment.required("RISK_RULES_TABLE")
    let aws = try environment.makeAWSClient()
    aws.warmUp()
    let source = DynamoDBRiskRules(client: DynamoDBClient(aws), table: table, logger: environment.logger)
    return RiskEngineHandler(
        rules: RuleCache(source: source, clock: SystemClock(), logger: environment.logger))
}
