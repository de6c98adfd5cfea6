import { path } from '../api/http.ts'

/** Where each thing has its page. */
export const paths = {
  map: '/',
  clusters: '/ui/clusters',
  cluster: (name: string): string => path`/ui/clusters/${name}`,
  topics: (cluster: string): string => path`/ui/clusters/${cluster}/topics`,
  topic: (cluster: string, topic: string): string => path`/ui/clusters/${cluster}/topics/${topic}`,
  allTopics: '/ui/topics',
  groups: '/ui/groups',
  group: (cluster: string, group: string): string => path`/ui/clusters/${cluster}/groups/${group}`,
  links: '/ui/links',
  link: (name: string): string => path`/ui/links/${name}`,
  alerts: '/ui/alerts',
  routes: '/ui/routes',
  receipts: '/ui/receipts',
  receipt: (id: string): string => path`/ui/receipts/${id}`,
  audit: '/ui/audit',
  route: (name: string): string => path`/ui/routes/${name}`,
} as const
