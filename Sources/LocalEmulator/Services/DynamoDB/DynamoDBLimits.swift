/// Limits of DynamoDB, from the developer guide's "Quotas in Amazon DynamoDB" and "Constraints".
enum DynamoDBLimits {
    /// Bytes of an item, attribute names included.
    static let itemBytes = 400 * 1024
    /// Items of one TransactWriteItems or TransactGetItems call.
    static let transactionItems = 100
    /// Bytes of all items of one transaction.
    static let transactionBytes = 4 * 1024 * 1024
    /// Requests of one BatchWriteItem call.
    static let batchWriteItems = 25
    /// Keys of one BatchGetItem call.
    static let batchGetItems = 100
    /// Bytes Query and Scan read for one page, before any filter.
    static let pageBytes = 1024 * 1024
    /// Significant digits of a number.
    static let numberDigits = 38
    /// Exponent of the leading digit of a number: magnitudes from 1E-130 to 9.99…E+125.
    static let numberExponent = -130...125
    /// Bytes of an expression.
    static let expressionBytes = 4096
    /// Operators and functions of one expression.
    static let expressionOperators = 300
    /// Bytes of a partition key's value.
    static let hashKeyBytes = 2048
    /// Bytes of a sort key's value.
    static let rangeKeyBytes = 1024
    /// Levels of nested lists and maps.
    static let nestingLevels = 32
    /// Operands of an IN list.
    static let inOperands = 100
    /// Characters of a table or index name.
    static let nameCharacters = 3...255
    /// How long TransactWriteItems remembers a client request token: 10 minutes.
    static let transactionTokenMilliseconds: Int64 = 600_000
    /// A time-to-live older than this is taken for a mistake and does not expire the item: 5 years.
    static let timeToLiveMaximumAgeSeconds: Int64 = 5 * 365 * 86_400
    /// Tables on one page of a listing.
    static let tablesPerPage = 100
}
