import type { LoggingFlavour } from './versions.ts'

/** One file and this many older ones, so a broker's logs stay below 50 MiB. */
const LOG_FILES_MAX = 4
const LOG_FILE_SIZE = '10MB'

/** Logger levels that differ from INFO: what repeats at every request or leadership change. */
const quiet: Readonly<Record<string, string>> = {
  'kafka.request.logger': 'WARN',
  'kafka.network.RequestChannel$': 'WARN',
  'state.change.logger': 'WARN',
  'org.apache.kafka.common.config.AbstractConfig': 'WARN',
}

/** The logging settings of a broker: one file that is rolled by size. `file` is its full path. */
export function brokerLogging(flavour: LoggingFlavour, file: string): string {
  return flavour === 'log4j2' ? log4j2(file) : reload4j(file)
}

/**
 * The logging settings of Kafka's command-line tools: warnings to standard error, as in Kafka's own
 * distribution.
 */
export function toolLogging(flavour: LoggingFlavour): string {
  const pattern = '[%d] %p %m (%c)%n'
  if (flavour === 'reload4j') {
    return `log4j.rootLogger=WARN, err
log4j.appender.err=org.apache.log4j.ConsoleAppender
log4j.appender.err.target=System.err
log4j.appender.err.layout=org.apache.log4j.PatternLayout
log4j.appender.err.layout.ConversionPattern=${pattern}
`
  }
  return `status=error
appender.err.type=Console
appender.err.name=err
appender.err.target=SYSTEM_ERR
appender.err.layout.type=PatternLayout
appender.err.layout.pattern=${pattern}
rootLogger.level=WARN
rootLogger.appenderRef.err.ref=err
`
}

/** The JVM option that names a logging settings file. */
export function loggingOption(flavour: LoggingFlavour, settingsFile: string): string {
  return flavour === 'log4j2'
    ? `-Dlog4j2.configurationFile=${settingsFile}`
    : `-Dlog4j.configuration=file:${settingsFile}`
}

function log4j2(file: string): string {
  const loggers = Object.entries(quiet).map(
    ([name, level], at) => `logger.quiet${at}.name=${name}\nlogger.quiet${at}.level=${level}`,
  )
  return `status=error
appender.server.type=RollingFile
appender.server.name=server
appender.server.fileName=${file}
appender.server.filePattern=${file}.%i
appender.server.layout.type=PatternLayout
appender.server.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %m (%c)%n
appender.server.policies.type=Policies
appender.server.policies.size.type=SizeBasedTriggeringPolicy
appender.server.policies.size.size=${LOG_FILE_SIZE}
appender.server.strategy.type=DefaultRolloverStrategy
appender.server.strategy.max=${LOG_FILES_MAX}
rootLogger.level=INFO
rootLogger.appenderRef.server.ref=server
${loggers.join('\n')}
`
}

function reload4j(file: string): string {
  const loggers = Object.entries(quiet).map(([name, level]) => `log4j.logger.${name}=${level}`)
  return `log4j.rootLogger=INFO, server
log4j.appender.server=org.apache.log4j.RollingFileAppender
log4j.appender.server.File=${file}
log4j.appender.server.MaxFileSize=${LOG_FILE_SIZE}
log4j.appender.server.MaxBackupIndex=${LOG_FILES_MAX}
log4j.appender.server.layout=org.apache.log4j.PatternLayout
log4j.appender.server.layout.ConversionPattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %m (%c)%n
${loggers.join('\n')}
`
}
