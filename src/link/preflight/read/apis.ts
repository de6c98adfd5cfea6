import type { BrokerVersions, VersionedApi } from '../../../client/versions.ts'
import { Produce } from '../../../wire/apis/000-produce.ts'
import { Fetch } from '../../../wire/apis/001-fetch.ts'
import { ListOffsets } from '../../../wire/apis/002-list-offsets.ts'
import { Metadata } from '../../../wire/apis/003-metadata.ts'
import { OffsetCommit } from '../../../wire/apis/008-offset-commit.ts'
import { OffsetFetch } from '../../../wire/apis/009-offset-fetch.ts'
import { FindCoordinator } from '../../../wire/apis/010-find-coordinator.ts'
import { ListGroups } from '../../../wire/apis/016-list-groups.ts'
import { CreateTopics } from '../../../wire/apis/019-create-topics.ts'
import { DeleteRecords } from '../../../wire/apis/021-delete-records.ts'
import { InitProducerId } from '../../../wire/apis/022-init-producer-id.ts'
import { WriteTxnMarkers } from '../../../wire/apis/027-write-txn-markers.ts'
import { DescribeConfigs } from '../../../wire/apis/032-describe-configs.ts'
import { CreatePartitions } from '../../../wire/apis/037-create-partitions.ts'
import { IncrementalAlterConfigs } from '../../../wire/apis/044-incremental-alter-configs.ts'
import { DescribeProducers } from '../../../wire/apis/061-describe-producers.ts'

const OF_BOTH = [Fetch, ListOffsets, Metadata, FindCoordinator, ListGroups, OffsetFetch, DescribeConfigs]
const OF_DESTINATION = [
  ...[Produce, InitProducerId, WriteTxnMarkers, DescribeProducers, DeleteRecords],
  ...[CreateTopics, CreatePartitions, IncrementalAlterConfigs, OffsetCommit],
]

/** Requests of the link that a broker does not serve in any version that kmc speaks. */
export function missingApis(versions: BrokerVersions, side: 'source' | 'destination'): string[] {
  const needed: readonly VersionedApi[] = side === 'source' ? OF_BOTH : [...OF_BOTH, ...OF_DESTINATION]
  return needed.filter((api) => !versions.supports(api)).map(({ name }) => name)
}
